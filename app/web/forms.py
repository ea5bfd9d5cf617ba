"""The base of all forms, and the fields that WTForms lacks."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    Field,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Length, Optional
from wtforms.widgets import TextInput

from app.columns import CENT

MONEY = re.compile(r"^\d{1,6}([.,]\d{1,2})?$")
POSTAL_CODE = re.compile(r"^[1-9][0-9]{3}$")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def strip(value: Any) -> Any:
    """Without white space around it, where it is text; PostgreSQL takes no NUL."""
    return value.replace("\x00", "").strip() if isinstance(value, str) else value


def one_line(value: Any) -> Any:
    """Without line breaks and other control signs: names stand in the headers of mails."""
    return _CONTROL.sub(" ", value).strip() if isinstance(value, str) else value


def text_filter(field_class: type[Field]) -> Callable[[Any], Any] | None:
    """What is taken out of what is typed in a field of this kind; None for other fields."""
    if issubclass(field_class, (TextAreaField, PasswordField)):
        return strip
    return one_line if issubclass(field_class, (StringField, SelectField, HiddenField)) else None


class Form(FlaskForm):
    """Strips white space of every text; the browser's own checks are left to the server."""

    class Meta(FlaskForm.Meta):
        locales = ["nl"]

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            filters = list(unbound_field.kwargs.get("filters", []))
            own = text_filter(unbound_field.field_class)
            if own is not None:
                filters.insert(0, own)
            return unbound_field.bind(form=form, filters=filters, **options)

        def render_field(self, field: Field, render_kw: dict[str, Any]) -> Any:
            render_kw.setdefault("required", False)
            return super().render_field(field, render_kw)


class MoneyField(Field):
    """An amount in euro, typed with one comma or point and at most two decimals."""

    widget = TextInput()

    def __init__(self, label: str = "", validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.raw_text: str | None = None

    def _value(self) -> str:
        if self.raw_text is not None:
            return self.raw_text
        return "" if self.data is None else f"{self.data:.2f}".replace(".", ",")

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        self.raw_text = valuelist[0].strip()
        text = self.raw_text.removeprefix("€").strip()
        self.data = None
        if not text:
            return
        if text.startswith("-"):
            raise ValueError("Een prijs kan niet onder nul zijn. Typ 0 voor gratis.")
        if not MONEY.match(text):
            raise ValueError(
                "Typ een bedrag in euro met hoogstens twee cijfers na de komma, zoals 12,50."
            )
        self.data = Decimal(text.replace(",", ".")).quantize(CENT)


class PostalCode:
    """A Belgian postcode: four digits, not beginning with 0."""

    def __call__(self, _form: Any, field: Field) -> None:
        if field.data and not POSTAL_CODE.match(field.data):
            raise ValidationError("Een postcode heeft vier cijfers, zoals 9000.")


class Required:
    """Something must be filled in; the sentence says what to do.

    Also counts white space as nothing. Stops the other validators.
    """

    field_flags = {"filled": True}

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __call__(self, _form: Any, field: Field) -> None:
        from wtforms.validators import StopValidation

        missing = field.data is None or (isinstance(field.data, str) and not field.data.strip())
        if missing or field.data == []:
            if field.errors:  # what could not be read was already said
                raise StopValidation()
            raise StopValidation(self.sentence)


FIRST_NAME = Length(max=100, message="Een voornaam heeft hoogstens 100 tekens.")
LAST_NAME = Length(max=99, message="Een naam heeft hoogstens 99 tekens.")
"""With a space between them both together fit the 200 signs of a name as orders keep it."""

MayStayEmpty = Optional
