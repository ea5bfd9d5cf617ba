"""Back office: the screen 'Gemeente' (C10)."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from app.settings.colors import read_color, readable_accent, readable_brand
from app.settings.contact import spaced_iban
from app.settings.municipality import (
    ColorChange,
    MunicipalityInput,
    get_municipality,
)
from app.settings.municipality import save_municipality as save
from app.settings.problems import SettingsRefused
from app.web.access import Access, allow
from app.web.backoffice import backoffice
from app.web.form_problems import show_problems
from app.web.forms import Form, PostalCode, Required
from app.web.pages import page

COLOR_FIELDS = {"brand_color": "hoofdkleur", "accent_color": "accentkleur"}


class MunicipalityForm(Form):
    """The fields bear the names of Municipality."""

    name = StringField(
        "Naam van de gemeente",
        [Required("Vul de naam van je gemeente in."), Length(max=100)],
    )
    department_name = StringField("Naam van de dienst", [Length(max=100)])
    street = StringField("Straat en nummer", [Length(max=200)])
    postal_code = StringField("Postcode", [PostalCode()])
    locality = StringField("Plaats", [Length(max=100)])
    email = StringField("E-mail", [Length(max=254)])
    phone = StringField("Telefoon", [Length(max=40)])
    opening_hours = StringField("Openingsuren", [Length(max=300)])
    iban = StringField("Rekeningnummer (IBAN)", [Length(max=50)])
    account_holder = StringField("Naam van de rekeninghouder", [Length(max=100)])
    brand_color = StringField("Hoofdkleur")
    accent_color = StringField("Accentkleur")
    terms = TextAreaField("Voorwaarden", [Length(max=50_000)])
    privacy = TextAreaField("Privacyverklaring", [Length(max=50_000)])


@backoffice.get("/instellingen/gemeente")
@allow(Access.ADMIN)
def municipality() -> Response:
    """What every page and mail says of the municipality."""
    form = MunicipalityForm(obj=get_municipality())
    form.iban.data = spaced_iban(form.iban.data)
    return _page(form, _replaced_colors())


@backoffice.post("/instellingen/gemeente")
@allow(Access.ADMIN)
def save_municipality() -> Response:
    """Keep it; a colour that does not read well is replaced by the nearest that does."""
    form = MunicipalityForm()
    if not form.validate():
        return _page(form)
    typed = {name: form[name].data or "" for name in MunicipalityInput.__dataclass_fields__}
    try:
        replaced = save(MunicipalityInput(**typed))
    except SettingsRefused as refused:
        show_problems(form, refused.problems)
        return _page(form)
    flash("De gegevens van de gemeente zijn bewaard.", "success")
    typed_colors = {change.field: change.typed.removeprefix("#") for change in replaced}
    return redirect(url_for("backoffice.municipality", **typed_colors), 303)


def _replaced_colors() -> list[ColorChange]:
    """After saving: the colours that were typed, to stand beside those that were kept."""
    kept = get_municipality()
    changes = []
    for field, nearest in (("brand_color", readable_brand), ("accent_color", readable_accent)):
        typed = read_color(request.args.get(field, ""))
        if typed and typed != nearest(typed) == getattr(kept, field):
            changes.append(ColorChange(field, typed, getattr(kept, field)))
    return changes


def _page(form: MunicipalityForm, replaced: list[ColorChange] | None = None) -> Response:
    return page(
        "backoffice/municipality.html",
        forms=[form],
        form=form,
        replaced=replaced or [],
        color_names=COLOR_FIELDS,
    )
