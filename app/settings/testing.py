"""'Test de verbinding': what our credentials may do, in words a clerk can forward (S1)."""

from dataclasses import dataclass, field

from sqlalchemy import delete, select, update

from app.clock import now
from app.extensions import _l, _t, db, end_read, write_transaction
from app.publiq.errors import PubliqAuthenticationFailed, PubliqError
from app.publiq.uitpas import OrganizerPermissions
from app.settings.connections import NotConnected, publiq_client
from app.settings.environments import ENVIRONMENT_NAMES
from app.settings.models import Environment, EnvironmentSettings, OrganizerPermission
from app.settings.publiq_errors import explain
from app.settings.uit import Modules, get_modules

ABILITIES = {
    "tariffs": (frozenset({"TARIFFS_READ"}), _l("voordelen opvragen")),
    "sales": (frozenset({"TICKETSALES_REGISTER"}), _l("verkopen registreren en ongedaan maken")),
    "search_sales": (frozenset({"TICKETSALES_SEARCH"}), _l("verkopen opzoeken")),
    "look_up": (frozenset({"PASSES_READ"}), _l("UiTPAS-nummers opzoeken")),
    "rewards": (frozenset({"REWARDS_READ", "REWARDS_REDEEM"}), _l("omruilvoordelen gebruiken")),
}
"""Key: (publiq's permissions that it takes, in words). To publish, a token is enough."""

REFUSED_CREDENTIALS = _l(
    "publiq aanvaardt dit geheim niet bij deze client id. Kopieer het client secret opnieuw uit "
    "de mail van publiq, zonder spaties ervoor of erachter."
)


@dataclass(frozen=True)
class OrganizerRights:
    """An organizer and what we may do there."""

    id: str
    name: str
    can: frozenset[str]
    """Keys of ABILITIES."""

    @property
    def words(self) -> list[str]:
        """What we may do, in Dutch."""
        return [str(words) for key, (_, words) in ABILITIES.items() if key in self.can]


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
    except PubliqAuthenticationFailed:
        return _failed(environment, str(REFUSED_CREDENTIALS), "client_secret")
    except PubliqError as error:
        return _failed(environment, explain(error))
    if not modules.uitpas:
        _keep(environment, client_id, [])
        return ConnectionReport(environment, ok=True, token=True)
    try:
        found = client.uitpas.permissions()
    except PubliqError as error:
        return ConnectionReport(environment, ok=False, token=True, problem=explain(error))
    _keep(environment, client_id, found)
    organizers = _organizers(found)
    missing = _missing(environment, client_id, organizers, modules)
    return ConnectionReport(environment, not missing, True, organizers, missing)


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
    organizers = _organizers(found)
    modules = get_modules()
    missing = _missing(environment, row.client_id, organizers, modules) if modules.uitpas else []
    return ConnectionReport(environment, not missing, True, organizers, missing)


def _failed(environment: Environment, sentence: str, at: str = "") -> ConnectionReport:
    return ConnectionReport(environment, ok=False, token=False, problem=sentence, problem_field=at)


def _organizers(found: list[OrganizerPermissions]) -> list[OrganizerRights]:
    return [_rights(item) for item in sorted(found, key=lambda o: (o.name.casefold(), o.id))]


def _rights(found: OrganizerPermissions) -> OrganizerRights:
    can = {key for key, (needed, _) in ABILITIES.items() if needed <= found.permissions}
    return OrganizerRights(found.id, found.name, frozenset(can))


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
    needed = ["tariffs", "sales", "search_sales", "look_up"]
    if modules.rewards:
        needed.append("rewards")
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
