"""For these tests: credentials of the sandbox, activities that miss nothing, faults at publiq."""

from datetime import timedelta
from typing import Any

import requests
from sqlalchemy import select

from app.activities.models import Activity
from app.extensions import write_transaction
from app.settings.models import Environment, EnvironmentSettings, OrganizerPermission
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.models import EventLink, UitProfile
from app.uitdatabank.status import refresh_status
from tests.making import make_activity

BOOMHUT = "Speelplein De Boomhut"
VRIJE_TIJD = "Gemeente Zonnewende – Vrije Tijd"
CLUB = "Turnkring Hoog en Lenig"
CAMP, OMNISPORT = "0.57.0.0.0", "1.51.12.0.0"


def place_id(name: str = BOOMHUT) -> str:
    from app.sandbox.seed_uitdatabank import zonnewende_id

    return zonnewende_id(name)


def organizer_id(name: str = VRIJE_TIJD) -> str:
    from app.sandbox.seed_uitdatabank import ORGANIZERS

    return next(row[0] for row in ORGANIZERS if row[1] == name)


def connect(environment: Environment = Environment.SANDBOX) -> None:
    """Client id and secret as the demo has them, and the fallbacks of the registration link."""
    with write_transaction() as session:
        session.merge(
            EnvironmentSettings(environment=environment, client_id="demo", client_secret="demo")
        )
        settings = uit_settings_for_update()
        settings.active_environment = environment
        settings.default_postal_code = "9995"
        settings.registration_link_email = "vrijetijd@zonnewende.be"
        settings.registration_link_phone = "09 123 45 67"


def permit(organizer: str) -> None:
    with write_transaction() as session:
        session.add(
            OrganizerPermission(
                environment=Environment.SANDBOX,
                organizer_id=organizer,
                name="Vrije tijd",
                permissions=["TARIFFS_READ"],
            )
        )


def make_profile(activity: Activity, **changes: Any) -> UitProfile:
    """A profile that misses nothing, unless ``changes`` say otherwise."""
    values = {
        "environment": Environment.SANDBOX,
        "postal_code": "9995",
        "location_id": place_id(),
        "location_name": BOOMHUT,
        "location_address": "Kastanjelaan 8, 9995 Zonnewende",
        "organizer_id": organizer_id(),
        "organizer_name": VRIJE_TIJD,
        "organizer_is_uitpas": True,
        "event_type": CAMP,
        "theme": OMNISPORT,
        "labels": ["winterkamp"],
        "description": "Een week buiten spelen in het bos.",
    } | changes
    with write_transaction() as session:
        profile = UitProfile(activity_id=activity.id, **values)
        session.add(profile)
        session.flush()
        refresh_status(session, activity.id)
        return profile


def ready_activity(title: str = "Winterbos-kamp", profile: Any = None, **fields: Any) -> Activity:
    """An activity that can be published as it is."""
    activity = make_activity(title, **fields)
    make_profile(activity, **(profile or {}))
    return activity


def fault(sandbox_url: str, operation: str, kind: str, **fields: Any) -> None:
    """Something that goes wrong at publiq, for so many calls."""
    answer = requests.post(
        f"{sandbox_url}/sandbox/storingen",
        json={"operation": operation, "kind": kind, "count": 1, **fields},
        timeout=10,
    )
    assert answer.status_code < 400, answer.text


def later(seconds: float) -> None:
    """As if the last request left so many seconds earlier."""
    with write_transaction() as session:
        for link in session.scalars(select(EventLink)):
            link.sent_at -= timedelta(seconds=seconds)


def no_faults(sandbox_url: str) -> None:
    requests.post(f"{sandbox_url}/sandbox/storingen/alles-uit", timeout=10)


def event_at_publiq(sandbox_url: str, event_id: str) -> dict[str, Any]:
    answer = requests.get(f"{sandbox_url}/io/events/{event_id}", timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


def token(sandbox_url: str, client: str = "demo") -> dict[str, str]:
    """Headers of a colleague at publiq, who works with the same credentials."""
    answer = requests.post(
        f"{sandbox_url}/account/realms/uitid/protocol/openid-connect/token",
        data={"grant_type": "client_credentials", "client_id": client, "client_secret": client},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def events_named(sandbox_url: str, name: str) -> list[str]:
    """The ids of all events with this name, whatever their state."""
    answer = requests.get(
        f"{sandbox_url}/search/events",
        params={"disableDefaultFilters": "true", "embed": "true", "limit": 200},
        headers={"x-client-id": "demo"},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    return [item["@id"] for item in answer.json()["member"] if item["name"].get("nl") == name]
