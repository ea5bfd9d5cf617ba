"""Back office: privacy; whether register numbers are used, and how long things are kept."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, TextAreaField

from app.people.insz import count_insz, erase_every_insz
from app.sales.look_ups import forget_look_ups
from app.settings.privacy import PrivacyInput, get_privacy
from app.settings.privacy import save_privacy as save
from app.settings.problems import SettingsRefused
from app.settings.uit import get_uit_settings
from app.web.access import Access, allow
from app.web.backoffice import backoffice
from app.web.form_problems import show_problems
from app.web.forms import Form, Required
from app.web.pages import page


class MonthsField(IntegerField):
    """A number of months, with a sentence of our own when it is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Raises ValueError with the sentence."""
        if valuelist and valuelist[0].strip():
            try:
                super().process_formdata([valuelist[0].strip()])
            except ValueError:
                raise ValueError("Typ een geheel aantal maanden, zoals 24.") from None


MONTHS = Required("Vul in hoeveel maanden we dit bewaren.")


class PrivacyForm(Form):
    """The fields bear the names of PrivacySettings."""

    insz_on = BooleanField("We gebruiken het rijksregisternummer")
    insz_ground = TextAreaField("Wettelijke grond")
    insz_months = MonthsField("Rijksregisternummer", [MONTHS])
    tariff_months = MonthsField("Status van het kansentarief", [MONTHS])
    guest_pass_months = MonthsField("UiTPAS-nummer van gasten", [MONTHS])


@backoffice.get("/instellingen/privacy")
@allow(Access.ADMIN)
def privacy() -> Response:
    """Whether and why register numbers are used, and every term."""
    return _page(PrivacyForm(obj=get_privacy()))


@backoffice.post("/instellingen/privacy")
@allow(Access.ADMIN)
def save_privacy() -> Response:
    """Keep it; what is switched off vanishes everywhere and is not used any more."""
    form = PrivacyForm()
    if not form.validate():
        return _page(form)
    typed = {name: form[name].data for name in PrivacyInput.__dataclass_fields__}
    typed["insz_ground"] = typed["insz_ground"] or ""
    try:
        save(PrivacyInput(**typed))
    except SettingsRefused as refused:
        show_problems(form, refused.problems)
        return _page(form)
    flash("De privacy-instellingen zijn bewaard.", "success")
    return redirect(url_for("backoffice.privacy"), 303)


@backoffice.get("/instellingen/privacy/rijksregisternummers-wissen")
@allow(Access.ADMIN)
def erase_insz() -> Response:
    """Explain what erasing all register numbers does."""
    return page("backoffice/privacy_erase.html", count=count_insz())


@backoffice.post("/instellingen/privacy/rijksregisternummers-wissen")
@allow(Access.ADMIN)
def erase_insz_now() -> Response:
    """Erase them all."""
    gone = erase_every_insz()
    forget_look_ups()
    words = "1 rijksregisternummer is" if gone == 1 else f"{gone} rijksregisternummers zijn"
    flash(f"{words} gewist.", "success")
    return redirect(url_for("backoffice.privacy"), 303)


def _page(form: PrivacyForm) -> Response:
    return page(
        "backoffice/privacy.html",
        forms=[form],
        form=form,
        stored=count_insz(),
        call_log_days=get_uit_settings().call_log_days,
    )
