"""Back office: the UiT settings, a general tab and one for each environment (S1, S2)."""

from collections.abc import Sequence

from flask import abort, flash, redirect, request, url_for
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
from app.settings.municipality import get_municipality
from app.settings.problems import SettingsRefused
from app.settings.testing import ConnectionReport, last_report
from app.settings.testing import test_connection as try_connection
from app.settings.uit import (
    UitInput,
    active_environment,
    get_modules,
    get_uit_settings,
    uit_problems,
)
from app.settings.uit import save_uit_settings as save_general
from app.uitdatabank.elsewhere import published_where
from app.uitdatabank.organizers_without_rights import WithoutRights, organizers_without_rights
from app.uitpas.overview import live_sales_by_environment
from app.web.access import Access, allow
from app.web.backoffice import backoffice
from app.web.environment_slugs import SLUGS, slug_of
from app.web.form_problems import show_problems
from app.web.forms import Form, PostalCode, Required
from app.web.pages import page

CONFIRMED = "bevestigd"
"""Sent by the page that explains another environment; its value is that environment."""
BACK = "terug"


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
    exceptions_in_words = BooleanField("Uitzonderingen in de agenda onder de omschrijving zetten")
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
    if request.form.get("doe") == BACK or not form.validate():
        return _general(form)
    values = {name: form[name].data for name in UitInput.__dataclass_fields__}
    values |= {name: value or "" for name, value in values.items() if value is None}
    typed = UitInput(**values)
    problems = uit_problems(typed)
    if problems:
        show_problems(form, problems)
        return _general(form)
    chosen = typed.active_environment
    if chosen is not active_environment() and request.form.get(CONFIRMED) != chosen.value:
        return _confirm_environment(chosen)
    save_general(typed)
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


def _confirm_environment(chosen: Environment) -> Response:
    """What another environment means, before it is chosen; all that was typed travels along."""
    rows = published_where()
    return page(
        "backoffice/uit_settings_confirm.html",
        tab_items=_tabs(None),
        names=ENVIRONMENT_NAMES,
        present=active_environment(),
        chosen=chosen,
        to_production=chosen is Environment.PRODUCTION,
        rows=rows,
        sales=live_sales_by_environment() if get_modules().uitpas else None,
        to_choose_again=next(row.to_choose_again for row in rows if row.environment is chosen),
        view=environment_view(chosen),
        confirmed=CONFIRMED,
        back=BACK,
        typed=[
            (name, value)
            for name, value in request.form.items(multi=True)
            if name in UitInput.__dataclass_fields__
        ],
    )


def _environment_page(
    environment: Environment,
    form: EnvironmentForm,
    report: ConnectionReport | None,
    errors: list[tuple[str, str]] | None = None,
) -> Response:
    slug = slug_of(environment)
    asked = report is not None and report.token and not report.problem
    unlisted = organizers_without_rights(environment) if asked and get_modules().uitpas else []
    return page(
        "backoffice/uit_settings_environment.html",
        forms=[form],
        errors=errors or [],
        form=form,
        slug=slug,
        view=environment_view(environment),
        addresses=addresses_of(environment),
        report=report,
        unlisted=unlisted,
        forward_text=_forward_text(report, unlisted),
        tab_items=_tabs(environment),
        is_active=get_uit_settings().active_environment is environment,
    )


def _forward_text(report: ConnectionReport | None, unlisted: Sequence[WithoutRights]) -> str:
    """What is missing as a mail that a clerk can send to publiq as it is."""
    missing = [*(report.missing if report else ()), *(one.sentence for one in unlisted)]
    if not missing:
        return ""
    municipality = get_municipality()
    who = filter(None, (municipality.department_name, municipality.name))
    return "\n\n".join(("Beste publiq,", *missing, "Met vriendelijke groet,\n" + "\n".join(who)))


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
