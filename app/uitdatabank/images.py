"""The picture of an event (D2): keeping it, and sending it to publiq before it is referred to.

A picture is never changed, only replaced: what was sent to publiq stays what it is. What no
profile refers to is thrown away after a day, so that a form that was refused keeps its picture.
"""

import io
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, delete, exists, select
from sqlalchemy.orm import selectinload, undefer

from app.activities.models import UitStatus
from app.clock import now
from app.extensions import _l, _t, db, end_read, write_transaction
from app.publiq import Publiq
from app.publiq.errors import PubliqAnswerLost, PubliqError, PubliqRefused
from app.settings.models import Environment
from app.settings.publiq_errors import explain
from app.uitdatabank.links import locked_link
from app.uitdatabank.models import EventLink, ImageUpload, LinkState, UitImage, UitProfile
from app.uitdatabank.outcomes import Outcome, Publication
from app.uitdatabank.pictures import PictureRefused, read_picture
from app.uitdatabank.problems import Problem
from app.uitdatabank.status import state_of

TEXT_LENGTHS = range(2, 251)
"""Of description and copyright holder; publiq takes none that are shorter or longer."""
KEPT_UNUSED = timedelta(days=1)
REFUSALS = {
    "too_big": _l("Deze afbeelding is te groot. Kies er een van hoogstens 10 MB."),
    "too_many_pixels": _l(
        "Deze afbeelding heeft te veel beeldpunten. Kies er een van hoogstens 50 megapixel."
    ),
    "unreadable": _l(
        "Dit bestand is geen afbeelding die we kunnen lezen. Kies een png, jpeg, gif of webp."
    ),
}
UPLOAD_LOST = _l(
    "UiTdatabank gaf geen antwoord op de afbeelding, en er is niets gepubliceerd. Publiceer straks "
    "opnieuw."
)
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png"}


class ImageRefused(Exception):  # noqa: N818 - states what happened
    """The picture cannot be kept; ``problem`` says why and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


def image_text_problems(description: str, copyright_holder: str) -> list[Problem]:
    """What is wrong with the words that publiq asks with a picture."""
    found = []
    if len(description.strip()) not in TEXT_LENGTHS:
        sentence = _t(
            "Beschrijf in 2 tot 250 tekens wat op de afbeelding staat, voor wie ze niet ziet."
        )
        found.append(Problem(sentence, "image_description"))
    if len(copyright_holder.strip()) not in TEXT_LENGTHS:
        sentence = _t("Vul in wie de rechten op de afbeelding heeft, in 2 tot 250 tekens.")
        found.append(Problem(sentence, "image_copyright"))
    return found


def find_image(image_id: int) -> UitImage | None:
    """The picture with its words and measures, without its content."""
    return db.session.get(UitImage, image_id)


def image_content(image_id: int) -> tuple[bytes, str] | None:
    """The content and the media type of a picture; None when there is no such picture."""
    row = db.session.execute(
        select(UitImage.content, UitImage.media_type).where(UitImage.id == image_id)
    ).one_or_none()
    return None if row is None else (row.content, row.media_type)


def store_image(content: bytes, description: str, copyright_holder: str) -> UitImage:
    """Keep an upload, after a look at what is in it. Raises ImageRefused.

    Its words are checked when a profile is saved with it. Throws away what nobody uses.
    """
    end_read()
    try:
        picture = read_picture(content)
    except PictureRefused as refused:
        raise ImageRefused(Problem(str(REFUSALS[refused.reason]), "image")) from None
    with write_transaction() as session:
        unused = ~exists().where(UitProfile.image_id == UitImage.id)
        session.execute(
            delete(UitImage)
            .where(unused, UitImage.created_at < now() - KEPT_UNUSED)
            .execution_options(synchronize_session=False)
        )
        image = UitImage(
            content=picture.content,
            media_type=picture.media_type,
            width=picture.width,
            height=picture.height,
            description=description.strip()[:250],
            copyright_holder=copyright_holder.strip()[:250],
        )
        session.add(image)
    return image


def with_words(image_id: int, description: str, copyright_holder: str) -> UitImage | None:
    """The picture with these words: the same where they are its own, else a new one beside it.

    publiq lets each event say its own words, so the new one need not be sent again. None when
    there is no such picture.
    """
    description, copyright_holder = description.strip(), copyright_holder.strip()
    with write_transaction() as session:
        image = session.scalar(
            select(UitImage)
            .where(UitImage.id == image_id)
            .options(undefer(UitImage.content), selectinload(UitImage.uploads))
        )
        if image is None:
            return None
        if (image.description, image.copyright_holder) == (description, copyright_holder):
            return image
        other = UitImage(
            content=image.content,
            media_type=image.media_type,
            width=image.width,
            height=image.height,
            description=description,
            copyright_holder=copyright_holder,
        )
        other.uploads = [
            ImageUpload(environment=upload.environment, url=upload.url) for upload in image.uploads
        ]
        session.add(other)
    return other


def ensure_uploaded(
    client: Publiq, activity_id: int, environment: Environment
) -> Publication | None:
    """Send the picture of an activity to publiq, once to each environment.

    Before the intent of a publication, outside any transaction. An answer that is lost may be
    asked again: a picture that no event refers to is seen by nobody. Returns how the publication
    ends when the picture could not be sent, else None. An activity that cannot be published yet
    sends nothing.
    """
    image = _unsent(activity_id, environment)
    if image is None:
        return None
    state = state_of(activity_id)
    if state.missing or state.status is UitStatus.NOT_APPLICABLE:
        return None
    end_read()
    try:
        url = client.entry.upload_image(
            io.BytesIO(image.content),
            f"afbeelding-{image.id}.{EXTENSIONS[image.media_type]}",
            image.media_type,
            description=image.description,
            copyright_holder=image.copyright_holder,
        )
    except PubliqError as error:
        return _failed(activity_id, environment, error)
    with write_transaction() as session:
        is_known = session.get(ImageUpload, (image.id, environment)) is not None
        if not is_known and session.get(UitImage, image.id) is not None:
            session.add(ImageUpload(image_id=image.id, environment=environment, url=url))
    return None


def _unsent(activity_id: int, environment: Environment) -> Row[Any] | None:
    """The picture of an activity as plain values, if it was not sent to this environment yet."""
    sent = exists().where(
        ImageUpload.image_id == UitImage.id, ImageUpload.environment == environment
    )
    return db.session.execute(
        select(
            UitImage.id,
            UitImage.content,
            UitImage.media_type,
            UitImage.description,
            UitImage.copyright_holder,
        )
        .join(UitProfile, UitProfile.image_id == UitImage.id)
        .where(UitProfile.activity_id == activity_id, ~sent)
    ).one_or_none()


def _failed(activity_id: int, environment: Environment, error: PubliqError) -> Publication:
    call_id = error.call_id if isinstance(error.call_id, int) else None
    sentence = _sentence(error)
    with write_transaction() as session:
        link = locked_link(session, activity_id, environment)
        if link is None:
            link = EventLink(activity_id=activity_id, environment=environment)
            session.add(link)
        if link.state not in (LinkState.SENDING, LinkState.UNKNOWN):
            link.last_error, link.last_call_id = sentence, call_id
    outcome = Outcome.REFUSED if isinstance(error, PubliqRefused) else Outcome.FAILED
    return Publication(outcome, sentence, [Problem(sentence, "image")], call_id)


def _sentence(error: PubliqError) -> str:
    if isinstance(error, PubliqAnswerLost):
        return str(UPLOAD_LOST)
    is_about_it = isinstance(error, PubliqRefused) and error.status == 400
    if is_about_it and not error.end_user_message:
        return _t("UiTdatabank aanvaardt de afbeelding niet. Kies een andere, of haal ze weg.")
    return explain(error)
