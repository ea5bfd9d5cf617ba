"""Back office: the UiT settings, a general tab and one for each environment (S1, S2)."""

from flask import abort, flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, PasswordField, RadioField, StringField
from wtforms.validators import Length

from app import jobs
from app.settings.environments import (
    ENVIRONMENT_NAMES,
    EnvironmentInput,
    addresses_of,
    environment_view,
    save_environment,
)
from app.settings.models import Environment
from app.settings.problems import SettingsRefused
from app.settings.testing import ConnectionReport, last_report
from app.settings.testing import test_connection as try_connection
from app.settings.uit import UitInput, get_uit_settings
from app.settings.uit import save_uit_settings as save_general
from app.web.access import Access, allow
from app.web.backoffice import backoffice
from app.web.environment_slugs import SLUGS, slug_of
from app.web.form_problems import show_problems
from app.web.forms import Form, PostalCode, Required
from app.web.pages import page


class DaysField(IntegerField):
    """A number of days, with a sentence of our own when it is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Raises ValueError with the sentence."""
        if valuelist and valuelist[0].strip():
            try:
                super().process_formdata([valuelist[0].strip()])
            except ValueError:
                raise ValueError("Typ een geheel aantal dagen, zoals 30.") from None


class UitSettingsForm(Form):
    """The general tab; its fields bear the names of UitSettings."""

    active_environment = RadioField(
        "Actieve omgeving",
        choices=[
            (environment.value, ENVIRONMENT_NAMES[environment].capitalize())
            for environment in Environment
        ],
        coerce=Environment,
    )
    default_postal_code = StringField("Standaard postcode", [PostalCode()])
    uitdatabank_on = BooleanField("UiTdatabank")
    uitpas_on = BooleanField("UiTPAS")
    rewards_on = BooleanField("UiTPAS-voordelen")
    coupons_on = BooleanField("UiTPAS-coupons")
    registration_link_default = BooleanField("Registratielink standaard toevoegen")
    registration_link_email = StringField("E-mail bij de registratielink", [Length(max=254)])
    registration_link_phone = StringField("Telefoon bij de registratielink", [Length(max=40)])
    call_log_days = DaysField(
        "Dagen dat we het oproepenlog bewaren",
        [Required("Vul in hoeveel dagen we het oproepenlog bewaren.")],
    )


class EnvironmentForm(Form):
    """Credentials of one environment; the secret is never sent back."""

    client_id = StringField("Client id", [Length(max=200)])
    client_secret = PasswordField("Client secret", [Length(max=500)])
    registration_page_url = StringField("Adres van de registratiepagina", [Length(max=500)])


@backoffice.get("/instellingen/uit")
@allow(Access.ADMIN)
def uit_settings() -> Response:
    """The general tab."""
    return _general(UitSettingsForm(obj=get_uit_settings()))


@backoffice.post("/instellingen/uit")
@allow(Access.ADMIN)
def save_uit_settings() -> Response:
    """Keep the general settings."""
    form = UitSettingsForm()
    if not form.validate():
        return _general(form)
    typed = {name: form[name].data for name in UitInput.__dataclass_fields__}
    typed |= {name: value or "" for name, value in typed.items() if value is None}
    try:
        save_general(UitInput(**typed))
    except SettingsRefused as refused:
        show_problems(form, refused.problems)
        return _general(form)
    jobs.wake("statuses")
    flash("De UiT-instellingen zijn bewaard.", "success")
    return redirect(url_for("backoffice.uit_settings"), 303)


@backoffice.get("/instellingen/uit/<slug>")
@allow(Access.ADMIN)
def environment_settings(slug: str) -> Response:
    """The tab of one environment."""
    environment = _environment(slug)
    view = environment_view(environment)
    form = EnvironmentForm(obj=view)
    return _environment_page(environment, form, last_report(environment))


@backoffice.post("/instellingen/uit/<slug>")
@allow(Access.ADMIN)
def save_environment_settings(slug: str) -> Response:
    """Keep the credentials and the address of one environment."""
    environment = _environment(slug)
    form = EnvironmentForm()
    if not form.validate():
        return _environment_page(environment, form, None)
    typed = EnvironmentInput(
        client_id=form.client_id.data or "",
        client_secret=form.client_secret.data or "",
        registration_page_url=form.registration_page_url.data or "",
    )
    try:
        save_environment(environment, typed)
    except SettingsRefused as refused:
        show_problems(form, refused.problems)
        return _environment_page(environment, form, None)
    jobs.wake("statuses")
    flash("De instellingen zijn bewaard. Test nu de verbinding.", "success")
    return redirect(url_for("backoffice.environment_settings", slug=slug), 303)


@backoffice.post("/instellingen/uit/<slug>/test")
@allow(Access.ADMIN)
def test_connection(slug: str) -> Response:
    """Try the stored credentials, and say what they may do."""
    environment = _environment(slug)
    report = try_connection(environment)
    form = EnvironmentForm(formdata=None, obj=environment_view(environment))
    errors = []
    if report.problem and report.problem_field:
        form[report.problem_field].errors = [report.problem]
    elif report.problem:
        errors.append(("verbinding", report.problem))
    return _environment_page(environment, form, report, errors)


@backoffice.get("/instellingen/uit/<slug>/test")
@allow(Access.ADMIN)
def tested_connection(slug: str) -> Response:
    """After a reload or a sign-in on the way: back to the tab."""
    _environment(slug)
    return redirect(url_for("backoffice.environment_settings", slug=slug), 303)


def _environment(slug: str) -> Environment:
    return SLUGS.get(slug) or abort(404)


def _general(form: UitSettingsForm) -> Response:
    return page("backoffice/uit_settings.html", forms=[form], form=form, tab_items=_tabs(None))


def _environment_page(
    environment: Environment,
    form: EnvironmentForm,
    report: ConnectionReport | None,
    errors: list[tuple[str, str]] | None = None,
) -> Response:
    slug = slug_of(environment)
    return page(
        "backoffice/uit_settings_environment.html",
        forms=[form],
        errors=errors or [],
        form=form,
        slug=slug,
        view=environment_view(environment),
        addresses=addresses_of(environment),
        report=report,
        tab_items=_tabs(environment),
        is_active=get_uit_settings().active_environment is environment,
    )


def _tabs(current: Environment | None) -> list[dict[str, object]]:
    general = {
        "label": "Algemeen",
        "url": url_for("backoffice.uit_settings"),
        "current": current is None,
    }
    return [
        general,
        *(
            {
                "label": ENVIRONMENT_NAMES[environment].capitalize(),
                "url": url_for("backoffice.environment_settings", slug=slug),
                "current": environment is current,
            }
            for slug, environment in SLUGS.items()
        ),
    ]
