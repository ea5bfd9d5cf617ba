"""The picture on the tab UiTdatabank: an upload is kept by its id, whatever else is refused."""

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, StringField

from app.uitdatabank.images import (
    ImageRefused,
    find_image,
    image_text_problems,
    store_image,
    with_words,
)
from app.uitdatabank.models import UitImage, UitProfile
from app.uitdatabank.pictures import LARGEST_FILE
from app.web.form_problems import show_problems
from app.web.form_rows import number
from app.web.forms import Form

GONE = "Deze afbeelding bestaat niet meer. Kies ze opnieuw."
NO_FILE = "Kies een afbeelding, of maak de beschrijving en de rechten leeg."


class ImageFields(Form):
    """A file, and the words that publiq asks with it."""

    image_id = HiddenField()
    image = FileField("Afbeelding")
    image_description = StringField("Wat staat erop")
    image_copyright = StringField("Wie heeft de rechten")
    image_remove = BooleanField("Haal de afbeelding weg")

    upload_problem = ""

    def keep_upload(self) -> None:
        """Keep the file that was sent, if any: what the form shows from now on is its id."""
        sent = self.image.data
        if not sent or not sent.filename:
            return
        words = self.image_description.data or "", self.image_copyright.data or ""
        try:
            kept = store_image(sent.read(LARGEST_FILE + 1), *words)
        except ImageRefused as refused:
            self.upload_problem = refused.problem.sentence
            self.image.errors = [self.upload_problem]
            return
        self.image_id.data, self.image_remove.data = str(kept.id), False

    def shown_image(self) -> UitImage | None:
        """The picture that stands on the page."""
        key = number(self.image_id.data)
        return None if key is None else find_image(key)

    def check_image(self, profile: UitProfile) -> bool:
        """Whether picture and words can be kept; says so at the field where not."""
        if self.upload_problem:
            self.image.errors = [self.upload_problem]
            return False
        if not self._has_image_fields() or self.image_remove.data:
            return True
        words = self.image_description.data or "", self.image_copyright.data or ""
        image = self.shown_image()
        if image is None:
            sentence = GONE if self.image_id.data else (NO_FILE if any(words) else "")
            self.image.errors = [sentence] if sentence else []
            return not sentence
        problems = image_text_problems(*words)
        show_problems(self, problems)
        return not problems

    def kept_image_id(self, profile: UitProfile) -> int | None:
        """The picture to keep, with the words that were typed; a form without these fields
        keeps what there is.
        """
        if not self._has_image_fields():
            return profile.image_id
        key = number(self.image_id.data)
        if key is None or self.image_remove.data:
            return None
        image = with_words(key, self.image_description.data or "", self.image_copyright.data or "")
        return None if image is None else image.id

    def _has_image_fields(self) -> bool:
        return bool(self.image_id.raw_data) or bool(self.image_id.data)


def image_values(image: UitImage | None) -> dict[str, str]:
    """What the form shows of a picture."""
    if image is None:
        return {"image_id": "", "image_description": "", "image_copyright": ""}
    return {
        "image_id": str(image.id),
        "image_description": image.description,
        "image_copyright": image.copyright_holder,
    }
