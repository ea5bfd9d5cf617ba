"""'Test de verbinding': what our credentials may do, in words a clerk can forward (S1)."""

from dataclasses import dataclass, field

from flask_babel import LazyString
from sqlalchemy import delete, select, update

from app.clock import now
from app.extensions import _l, _t, db, end_read, write_transaction
from app.publiq.errors import PubliqAuthenticationFailed, PubliqError
from app.publiq.uitpas import OrganizerPermissions
from app.settings.connections import NotConnected, publiq_client
from app.settings.environments import ENVIRONMENT_NAMES
from app.settings.models import (
    CallOutcome,
    Environment,
    EnvironmentSettings,
    OrganizerPermission,
    PubliqCall,
)
from app.settings.publiq_errors import call_of, explain
from app.settings.uit import Modules, active_environment, get_modules

PUBLISH = _l("publiceren in UiTdatabank")
"""What a token is enough for; only in production publiq first has a look (CONTRACT, part 1)."""
ABILITIES = {
    "tariffs": (frozenset({"TARIFFS_READ"}), _l("voordelen opvragen")),
    "sales": (frozenset({"TICKETSALES_REGISTER"}), _l("verkopen registreren en ongedaan maken")),
    "search_sales": (frozenset({"TICKETSALES_SEARCH"}), _l("verkopen opzoeken")),
    "look_up": (frozenset({"PASSES_READ"}), _l("UiTPAS-nummers opzoeken")),
    "rewards": (frozenset({"REWARDS_READ", "REWARDS_REDEEM"}), _l("omruilvoordelen gebruiken")),
}
"""Key: (publiq's permissions that it takes, in words)."""

REFUSED_CREDENTIALS = _l(
    "publiq aanvaardt dit geheim niet bij deze client id. Kopieer het client secret opnieuw uit "
    "de mail van publiq, zonder spaties ervoor of erachter."
)


NOT_PUBLISHING = _l(
    "Onze client id %(client_id)s (%(where)s) mag nog niet publiceren in UiTdatabank: de Entry API "
    "weigerde onze laatste activiteit. Wil je onze client id daar toegang geven?"
)
NEVER_PUBLISHED = _l(
    "In productie kijkt publiq eerst na wat we publiceren: minstens vijf activiteiten op de "
    "testomgeving, en dat we ze kunnen wijzigen en verwijderen. Doe dat dus eerst daar."
)


@dataclass(frozen=True)
class OrganizerRights:
    """An organizer and what we may do there."""

    id: str
    name: str
    can: frozenset[str]
    """Keys of ABILITIES."""
    may_publish: bool = True

    @property
    def words(self) -> list[str]:
        """What we may do, in Dutch."""
        able = [str(words) for key, (_, words) in ABILITIES.items() if key in self.can]
        return [str(PUBLISH), *able] if self.may_publish else able


@dataclass(frozen=True)
class ConnectionReport:
    """What a test of the connection found."""

    environment: Environment
    ok: bool
    token: bool
    organizers: list[OrganizerRights] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """What is missing, each a sentence that can be forwarded to publiq as it is."""
    problem: str = ""
    """Why the test stopped."""
    problem_field: str = ""
    """The field it concerns, where there is one."""
    may_publish: bool = True
    note: str = ""
    """What there is to know of publishing, where nothing is missing yet."""
    call_id: int | None = None
    """The row of the log of calls that the problem is about."""


def test_connection(environment: Environment) -> ConnectionReport:
    """Fetch a token and ask for which organizers we have permissions; keeps what it found.

    Outside any transaction. Never raises for what publiq answers.
    """
    modules = get_modules()
    end_read()
    try:
        client = publiq_client(environment, purpose="verbinding testen")
        client_id = client.transport.client_id
        client.fetch_token()
    except NotConnected as error:
        return _failed(environment, error.sentence, "client_id")
    except PubliqAuthenticationFailed as error:
        return _failed(environment, str(REFUSED_CREDENTIALS), "client_secret", call_of(error))
    except PubliqError as error:
        return _failed(environment, explain(error), call_id=call_of(error))
    found: list[OrganizerPermissions] = []
    if modules.uitpas:
        try:
            found = client.uitpas.permissions()
        except PubliqError as error:
            return ConnectionReport(
                environment, ok=False, token=True, problem=explain(error), call_id=call_of(error)
            )
    _keep(environment, client_id, found)
    return _report(environment, client_id, found, modules)


def refresh_permissions() -> bool:
    """The job of each night: for whom we may do what, where the connection was tested before.

    What publiq gave or took since then counts from the next morning on, and nobody need think of
    it. Returns whether publiq answered. Outside any transaction.
    """
    environment = active_environment()
    was_tested = last_report(environment) is not None
    end_read()
    return was_tested and test_connection(environment).token


test_connection.__test__ = False  # type: ignore[attr-defined] - pytest takes the name for a test


def last_report(environment: Environment) -> ConnectionReport | None:
    """What the last test that got an answer found; None when there was none."""
    row = db.session.execute(
        select(EnvironmentSettings.client_id, EnvironmentSettings.tested_at).where(
            EnvironmentSettings.environment == environment
        )
    ).one_or_none()
    if row is None or row.tested_at is None:
        return None
    kept = db.session.scalars(
        select(OrganizerPermission).where(OrganizerPermission.environment == environment)
    )
    found = [OrganizerPermissions(k.organizer_id, k.name, frozenset(k.permissions)) for k in kept]
    return _report(environment, row.client_id, found, get_modules())


def _report(
    environment: Environment,
    client_id: str,
    found: list[OrganizerPermissions],
    modules: Modules,
) -> ConnectionReport:
    """What is there and what is missing; of UiTPAS nothing while that module is off."""
    last = _last_publication(environment)
    may_publish = last is not CallOutcome.REFUSED
    missing = []
    if not may_publish:
        missing.append(_sentence(NOT_PUBLISHING, environment, client_id))
    organizers = _organizers(found, may_publish) if modules.uitpas else []
    if modules.uitpas:
        missing += _missing(environment, client_id, organizers, modules)
    is_new = environment is Environment.PRODUCTION and last is None
    return ConnectionReport(
        environment,
        ok=not missing,
        token=True,
        organizers=organizers,
        missing=missing,
        may_publish=may_publish,
        note=str(NEVER_PUBLISHED) if is_new else "",
    )


def _last_publication(environment: Environment) -> CallOutcome | None:
    """How our last new event fared, as the log of calls knows it; None when there was none.

    REFUSED only where publiq forbade it (403): what it says of the event itself proves that we
    may publish. publiq has no question to ask this by.
    """
    row = db.session.execute(
        select(PubliqCall.outcome, PubliqCall.status)
        .where(PubliqCall.environment == environment, PubliqCall.operation == "event-post")
        .order_by(PubliqCall.started_at.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return CallOutcome.REFUSED if row.status == 403 else CallOutcome.OK


def _failed(
    environment: Environment, sentence: str, at: str = "", call_id: int | None = None
) -> ConnectionReport:
    return ConnectionReport(
        environment, ok=False, token=False, problem=sentence, problem_field=at, call_id=call_id
    )


def _organizers(found: list[OrganizerPermissions], may_publish: bool) -> list[OrganizerRights]:
    ordered = sorted(found, key=lambda item: (item.name.casefold(), item.id))
    return [_rights(item, may_publish) for item in ordered]


def _rights(found: OrganizerPermissions, may_publish: bool) -> OrganizerRights:
    can = {key for key, (needed, _) in ABILITIES.items() if needed <= found.permissions}
    return OrganizerRights(found.id, found.name, frozenset(can), may_publish)


def _sentence(sentence: LazyString, environment: Environment, client_id: str) -> str:
    where = str(ENVIRONMENT_NAMES[environment])
    return str(sentence) % {"client_id": client_id, "where": where}


def _missing(
    environment: Environment,
    client_id: str,
    organizers: list[OrganizerRights],
    modules: Modules,
) -> list[str]:
    where = str(ENVIRONMENT_NAMES[environment])
    if not organizers:
        return [
            _t(
                "Onze client id %(client_id)s (%(where)s) heeft bij UiTPAS nog voor geen enkele "
                "organisator rechten. Wil je die geven voor de organisatoren van onze gemeente?",
                client_id=client_id,
                where=where,
            )
        ]
    needed = needed_abilities(modules)
    sentences = []
    for organizer in organizers:
        lacking = [str(ABILITIES[key][1]) for key in needed if key not in organizer.can]
        if lacking:
            codes = sorted(
                {code for key in needed if key not in organizer.can for code in ABILITIES[key][0]}
            )
            sentences.append(
                _t(
                    "Voor %(name)s mogen we bij UiTPAS nog niet: %(lacking)s. Wil je onze client "
                    "id %(client_id)s (%(where)s) deze rechten geven: %(codes)s?",
                    name=organizer.name,
                    lacking=_listed(lacking),
                    client_id=client_id,
                    where=where,
                    codes=", ".join(codes),
                )
            )
    return sentences


def needed_abilities(modules: Modules) -> list[str]:
    """Keys of ABILITIES that we need of an organizer, with these modules on."""
    needed = ["tariffs", "sales", "search_sales", "look_up"]
    return [*needed, "rewards"] if modules.rewards else needed


def _listed(words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    return _t("%(first)s en %(last)s", first=", ".join(words[:-1]), last=words[-1])


def _keep(environment: Environment, client_id: str, found: list[OrganizerPermissions]) -> None:
    with write_transaction() as session:
        tested = session.execute(
            update(EnvironmentSettings)
            .where(
                EnvironmentSettings.environment == environment,
                EnvironmentSettings.client_id == client_id,
            )
            .values(tested_at=now())
        )
        if not tested.rowcount:
            return  # the credentials were changed while the test ran
        session.execute(
            delete(OrganizerPermission).where(OrganizerPermission.environment == environment)
        )
        session.add_all(
            OrganizerPermission(
                environment=environment,
                organizer_id=item.id,
                name=item.name[:300],
                permissions=sorted(item.permissions),
            )
            for item in found
        )
