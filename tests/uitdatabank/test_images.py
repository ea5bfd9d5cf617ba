"""The picture of an event: kept, sent once to each environment, and never in the way (D2)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.activities.models import UitStatus
from app.clock import now
from app.extensions import db, write_transaction
from app.settings.models import Environment, PubliqCall
from app.uitdatabank.images import ImageRefused, find_image, image_content, store_image, with_words
from app.uitdatabank.links import link_of
from app.uitdatabank.models import ImageUpload, UitImage, UitProfile
from app.uitdatabank.outcomes import Outcome
from app.uitdatabank.publishing import publish
from app.uitdatabank.status import state_of
from tests.uitdatabank.pictures_of_all_kinds import picture
from tests.uitdatabank.support import connect, event_at_publiq, fault, no_faults, ready_activity


@pytest.fixture(autouse=True)
def _connected(app):
    connect()


def kept(words="Kinderen in het bos", holder="Gemeente Zonnewende"):
    return store_image(picture("JPEG"), words, holder)


def with_picture(image=None):
    return ready_activity(profile={"image_id": (image or kept()).id})


def uploads_sent():
    return db.session.scalar(
        select(func.count()).select_from(PubliqCall).where(PubliqCall.operation == "image-post")
    )


def test_publishing_sends_the_picture_once_and_refers_to_it(sandbox_url):
    activity = with_picture()
    assert publish(activity.id).ok
    (sent,) = event_at_publiq(sandbox_url, link_of(activity.id).event_id)["mediaObject"]
    upload = db.session.scalars(select(ImageUpload)).one()
    assert (sent["@id"], upload.environment) == (upload.url, Environment.SANDBOX)
    assert sent["description"] == "Kinderen in het bos"
    assert sent["copyrightHolder"] == "Gemeente Zonnewende"
    assert publish(activity.id).outcome is Outcome.UPDATED
    assert uploads_sent() == 1
    assert state_of(activity.id).status is UitStatus.PUBLISHED


def test_activities_with_the_same_picture_send_it_once(sandbox_url):
    image = kept()
    for _ in range(2):
        assert publish(with_picture(image).id).ok
    assert uploads_sent() == 1


def test_other_words_with_the_same_picture_are_sent_with_the_event_only(sandbox_url):
    activity = with_picture()
    publish(activity.id)
    first = db.session.scalars(select(UitImage)).one()
    other = with_words(first.id, "Een vlot op het water", first.copyright_holder)
    assert other.id != first.id and image_content(other.id) == image_content(first.id)
    with write_transaction() as session:
        session.execute(update(UitProfile).values(image_id=other.id))
    assert state_of(activity.id).changed == ["afbeelding"]
    assert publish(activity.id).ok and uploads_sent() == 1
    (sent,) = event_at_publiq(sandbox_url, link_of(activity.id).event_id)["mediaObject"]
    assert sent["description"] == "Een vlot op het water"


def test_a_picture_that_is_taken_away_leaves_the_event(sandbox_url):
    activity = with_picture()
    publish(activity.id)
    with write_transaction() as session:
        session.execute(update(UitProfile).values(image_id=None))
    assert publish(activity.id).ok
    assert not event_at_publiq(sandbox_url, link_of(activity.id).event_id).get("mediaObject")


@pytest.mark.parametrize(
    ("kind", "problem", "outcome", "words"),
    [
        ("plat", "", Outcome.FAILED, "gaf geen antwoord op de afbeelding"),
        ("antwoord-kwijt", "", Outcome.FAILED, "gaf geen antwoord op de afbeelding"),
        (
            "geweigerd",
            "body/file-invalid-type",
            Outcome.REFUSED,
            "De oefenomgeving weigert deze oproep op verzoek.",
        ),
    ],
)
def test_a_picture_that_does_not_arrive_stops_the_publication_and_says_so_at_its_field(
    sandbox_url, kind, problem, outcome, words
):
    activity = with_picture()
    fault(sandbox_url, "POST /images", kind, problem=problem, count=9)
    publication = publish(activity.id)
    assert publication.outcome is outcome
    assert [one.field for one in publication.problems] == ["image"]
    assert words in publication.sentence
    link = link_of(activity.id)
    assert link.event_id is None and link.last_error == publication.sentence
    assert link.last_call_id == publication.call_id is not None
    no_faults(sandbox_url)
    assert publish(activity.id).ok, "asking again does no harm"
    assert db.session.scalar(select(func.count()).select_from(ImageUpload)) == 1


def test_nothing_is_sent_of_an_activity_that_misses_something(sandbox_url):
    activity = ready_activity(profile={"image_id": kept().id, "description": ""})
    assert publish(activity.id).outcome is Outcome.INCOMPLETE
    assert uploads_sent() == 0


def test_what_is_no_picture_is_not_kept():
    with pytest.raises(ImageRefused) as refused:
        store_image(b"<svg/>", "", "")
    assert refused.value.problem.field == "image"
    assert "Kies een png, jpeg, gif of webp." in refused.value.problem.sentence
    assert db.session.scalar(select(func.count()).select_from(UitImage)) == 0


def test_pictures_that_nobody_uses_go_after_a_day():
    used, unused, recent = (kept().id for _ in range(3))
    ready_activity(profile={"image_id": used})
    with write_transaction() as session:
        session.execute(
            update(UitImage)
            .where(UitImage.id != recent)
            .values(created_at=now() - timedelta(days=2))
        )
    kept()
    assert find_image(used) and find_image(recent)
    assert find_image(unused) is None
