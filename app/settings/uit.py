"""The general UiT settings (S2): which environment is active and which modules are on."""

from dataclasses import dataclass

from app.extensions import _t, db, write_transaction
from app.settings.audit import record
from app.settings.contact import email_problem, phone_problem
from app.settings.models import ONLY_ROW, Environment, UitSettings
from app.settings.problems import SettingProblem, SettingsRefused

LONGEST_LOG_DAYS = 3650


@dataclass(frozen=True)
class Modules:
    """Which modules are on; a module that is off disappears everywhere."""

    uitdatabank: bool
    uitpas: bool
    rewards: bool
    coupons: bool


@dataclass(frozen=True)
class UitInput:
    """What somebody typed on the general tab; the names are those of UitSettings."""

    active_environment: Environment
    default_postal_code: str
    registration_link_default: bool
    registration_link_email: str
    registration_link_phone: str
    uitdatabank_on: bool
    uitpas_on: bool
    rewards_on: bool
    coupons_on: bool
    call_log_days: int
    exceptions_in_words: bool


def get_uit_settings() -> UitSettings:
    """The only row, or its defaults where nothing was saved yet; not to be changed by readers."""
    return db.session.get(UitSettings, ONLY_ROW) or _defaults()


def uit_settings_for_update() -> UitSettings:
    """The only row, made where it is missing; inside write_transaction() only."""
    row = db.session.get(UitSettings, ONLY_ROW)
    if row is None:
        row = _defaults()
        db.session.add(row)
    return row


def active_environment() -> Environment:
    """The environment in which activities are published and benefits are asked."""
    return get_uit_settings().active_environment


def get_modules() -> Modules:
    """The modules that are on; UiTPAS needs UiTdatabank, rewards and coupons need UiTPAS."""
    settings = get_uit_settings()
    uitpas = settings.uitdatabank_on and settings.uitpas_on
    return Modules(
        uitdatabank=settings.uitdatabank_on,
        uitpas=uitpas,
        rewards=uitpas and settings.rewards_on,
        coupons=uitpas and settings.coupons_on,
    )


def uit_problems(typed: UitInput) -> list[SettingProblem]:
    """What is wrong with the general settings that somebody typed."""
    problems = []
    if typed.uitpas_on and not typed.uitdatabank_on:
        problems.append(
            SettingProblem(
                _t(
                    "UiTPAS werkt alleen samen met UiTdatabank. Zet UiTdatabank ook aan, of zet "
                    "UiTPAS uit."
                ),
                "uitpas_on",
            )
        )
    for name, on, words in (
        ("rewards_on", typed.rewards_on, _t("UiTPAS-voordelen")),
        ("coupons_on", typed.coupons_on, _t("UiTPAS-coupons")),
    ):
        if on and not typed.uitpas_on:
            sentence = _t(
                "%(what)s werken alleen samen met UiTPAS. Zet UiTPAS ook aan, of zet ze uit.",
                what=words,
            )
            problems.append(SettingProblem(sentence, name))
    if typed.registration_link_email and (said := email_problem(typed.registration_link_email)):
        problems.append(SettingProblem(said, "registration_link_email"))
    if typed.registration_link_phone and (said := phone_problem(typed.registration_link_phone)):
        problems.append(SettingProblem(said, "registration_link_phone"))
    if not 1 <= typed.call_log_days <= LONGEST_LOG_DAYS:
        sentence = _t("Kies een aantal dagen van 1 tot %(longest)s.", longest=LONGEST_LOG_DAYS)
        problems.append(SettingProblem(sentence, "call_log_days"))
    return problems


def save_uit_settings(typed: UitInput) -> None:
    """Keep the general settings. Raises SettingsRefused.

    The status of activities follows by a job: wake 'statuses' after this.
    """
    problems = uit_problems(typed)
    if problems:
        raise SettingsRefused(problems)
    with write_transaction():
        row = uit_settings_for_update()
        changed = {
            name: getattr(value, "value", value)
            for name, value in vars(typed).items()
            if getattr(row, name) != value
        }
        for name, value in vars(typed).items():
            setattr(row, name, value)
        if changed:
            record("UiT-instellingen aangepast", subject_kind="instellingen", detail=changed)


def _defaults() -> UitSettings:
    return UitSettings(
        id=ONLY_ROW,
        active_environment=Environment.SANDBOX,
        default_postal_code="",
        registration_link_default=False,
        registration_link_email="",
        registration_link_phone="",
        uitdatabank_on=True,
        uitpas_on=True,
        rewards_on=False,
        coupons_on=True,
        call_log_days=30,
        exceptions_in_words=False,
    )
