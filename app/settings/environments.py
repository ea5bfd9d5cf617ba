"""Credentials and addresses per environment (S1); the secret goes in and never comes out."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import load_only

from app.extensions import _l, _t, db, write_transaction
from app.publiq.addresses import PRODUCTION, TEST, Addresses, sandbox_addresses
from app.settings.audit import record
from app.settings.models import (
    AccessToken,
    Environment,
    EnvironmentSettings,
    OrganizerPermission,
)
from app.settings.problems import SettingProblem, SettingsRefused

ENVIRONMENT_NAMES = {
    Environment.PRODUCTION: _l("productie"),
    Environment.TEST: _l("test"),
    Environment.SANDBOX: _l("oefenomgeving"),
}


@dataclass(frozen=True)
class EnvironmentView:
    """What may be shown of an environment's settings; of the secret only whether there is one."""

    environment: Environment
    client_id: str
    has_secret: bool
    registration_page_url: str
    tested_at: datetime | None
    service_address: str

    @property
    def name(self) -> str:
        """How people call it."""
        return str(ENVIRONMENT_NAMES[self.environment])


@dataclass(frozen=True)
class EnvironmentInput:
    """What was typed; an empty secret keeps the one that is stored."""

    client_id: str
    client_secret: str
    registration_page_url: str


def addresses_of(environment: Environment) -> Addresses:
    """Where publiq's services stand; fixed for production and test."""
    if environment is Environment.PRODUCTION:
        return PRODUCTION
    if environment is Environment.TEST:
        return TEST
    return sandbox_addresses(current_app.config["LOKET"].sandbox_url)


def environment_view(environment: Environment) -> EnvironmentView:
    """The settings as they may be shown; reads the secret not at all."""
    row = db.session.execute(
        select(
            EnvironmentSettings.client_id,
            EnvironmentSettings.client_secret.is_not(None),
            EnvironmentSettings.registration_page_url,
            EnvironmentSettings.tested_at,
        ).where(EnvironmentSettings.environment == environment)
    ).one_or_none()
    client_id, has_secret, url, tested_at = row or ("", False, "", None)
    address = addresses_of(environment).account
    return EnvironmentView(environment, client_id, bool(has_secret), url, tested_at, address)


def registration_page_url(environment: Environment) -> str:
    """The shop's address as registration links carry it (D6): the setting, or our own."""
    url = db.session.scalar(
        select(EnvironmentSettings.registration_page_url).where(
            EnvironmentSettings.environment == environment
        )
    )
    return (url or current_app.config["LOKET"].public_url).rstrip("/")


def environment_problems(environment: Environment, typed: EnvironmentInput) -> list[SettingProblem]:
    """What is wrong with what was typed."""
    problems = []
    if typed.client_secret and not typed.client_id:
        problems.append(
            SettingProblem(_t("Vul ook de client id in: die hoort bij het geheim."), "client_id")
        )
    has_secret = environment_view(environment).has_secret
    if typed.client_id and not typed.client_secret and not has_secret:
        problems.append(
            SettingProblem(
                _t("Vul het client secret in dat bij deze client id hoort."), "client_secret"
            )
        )
    if typed.registration_page_url and not _is_web_address(typed.registration_page_url):
        problems.append(
            SettingProblem(
                _t("Typ een volledig webadres, zoals https://vrijetijd.gemeente.be."),
                "registration_page_url",
            )
        )
    return problems


def save_environment(environment: Environment, typed: EnvironmentInput) -> None:
    """Keep the settings; a change of credentials drops the tokens fetched with the old ones.

    Raises SettingsRefused.
    """
    problems = environment_problems(environment, typed)
    if problems:
        raise SettingsRefused(problems)
    with write_transaction() as session:
        view = environment_view(environment)
        row = _row_for_update(environment)
        changed = bool(typed.client_secret) or view.client_id != typed.client_id
        row.client_id = typed.client_id
        row.registration_page_url = typed.registration_page_url.rstrip("/")
        if typed.client_secret:
            row.client_secret = typed.client_secret
        elif not typed.client_id:
            row.client_secret = None
        if changed:
            row.tested_at = None
            session.execute(delete(AccessToken).where(AccessToken.environment == environment))
            session.execute(
                delete(OrganizerPermission).where(OrganizerPermission.environment == environment)
            )
        record(
            "UiT-instellingen aangepast",
            subject_kind="omgeving",
            subject_id=environment.value,
            subject_label=str(ENVIRONMENT_NAMES[environment]),
            detail={
                "client id": typed.client_id,
                "nieuw geheim": bool(typed.client_secret),
                "registratiepagina": typed.registration_page_url,
            },
        )


def organizer_permissions(environment: Environment) -> list[OrganizerPermission]:
    """The organizers for which we had rights at UiTPAS at the last test, by name."""
    return list(
        db.session.scalars(
            select(OrganizerPermission)
            .where(OrganizerPermission.environment == environment)
            .order_by(OrganizerPermission.name)
        )
    )


def _row_for_update(environment: Environment) -> EnvironmentSettings:
    """The row, without reading its secret: one that no key can read must be replaceable."""
    exists = db.session.scalar(
        select(EnvironmentSettings.environment).where(
            EnvironmentSettings.environment == environment
        )
    )
    if exists is None:
        row = EnvironmentSettings(environment=environment, client_id="", registration_page_url="")
        db.session.add(row)
        return row
    return db.session.scalars(
        select(EnvironmentSettings)
        .where(EnvironmentSettings.environment == environment)
        .options(load_only(EnvironmentSettings.environment))
    ).one()


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(host) and not any(c.isspace() for c in text)
