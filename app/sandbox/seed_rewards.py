"""The rewards of a new sandbox: publiq's six test rewards and those of Zonnewende."""

import json

from app.sandbox.cardsystems import DENDER, GENT, ZONNEWENDE
from app.sandbox.seed_uitdatabank import (
    JEUGDDIENST,
    SPORTDIENST,
    TEST_ORGANIZER,
    VRIJE_TIJD,
)

BEGIN = "2024-01-01T00:00:00+00:00"
PAST = {"begin": "2022-01-01T00:00:00+00:00", "end": "2023-12-31T22:59:59+00:00"}
RUNNING = {"begin": BEGIN}


def _reward(key, title, organizer, card_system, points=None, kind="POINTS", **extra):
    """A reward as stored; `returns` says whether its points come back when undone."""
    document = {
        "title": title,
        "type": kind,
        "promotionalDescription": extra.pop("text", f"{title}, voor wie zijn punten omruilt."),
        "publicationPeriod": extra.pop("publication", RUNNING),
        "organizers": [organizer],
        "owningCardSystem": card_system,
        "applicableCardSystems": [card_system],
        "allCardSystems": False,
        "status": "ACTIVE",
        "unitsTaken": 0,
        "forKids": False,
        "sport": False,
        "featured": False,
        "online": False,
        "returns": True,
    }
    if kind == "POINTS":
        document |= {
            "points": points,
            "categories": ["Doen"],
            "moreInfoURL": f"https://www.uitpas.be/voordelen/{key}",
            "redeemPeriod": extra.pop("redeem", RUNNING),
        }
    else:
        document["grantingPeriod"] = extra.pop("redeem", RUNNING)
    return key, document | extra


WEEKLY = {"volume": 1, "period": "WEEK"}
DAILY = {"volume": 10, "period": "DAY"}
EXPIRED = {"redeem": PAST, "publication": PAST, "status": "INACTIVE"}
REWARDS = (
    _reward("5687", "Test Voordeel Regio Gent", TEST_ORGANIZER, GENT, 5),
    _reward("5688", "Test Welkomstvoordeel Regio Gent", TEST_ORGANIZER, GENT, kind="WELCOME"),
    _reward("5823", "Test Voordeel Regio Gent - 1/week", TEST_ORGANIZER, GENT, 5,
            redeemConstraint=WEEKLY),
    _reward("5824", "Test Online Voordeel - 10/dag", TEST_ORGANIZER, GENT, 1, online=True,
            redeemConstraint=DAILY, returns=False,
            redeemInfo={"text": "Gebruik deze code in de webshop.", "label": "Naar de webshop",
                        "link": "https://webshop.zonnewende.example"}),
    _reward("5825", "Test Vervallen Voordeel", TEST_ORGANIZER, GENT, 5, **EXPIRED),
    _reward("5826", "Test Vervallen Welkomsvoordeel", TEST_ORGANIZER, GENT, kind="WELCOME",
            **EXPIRED),
    _reward("6001", "Gratis halve dag op het speelplein", JEUGDDIENST, ZONNEWENDE, 15,
            forKids=True, featured=True, redeemConstraint={"volume": 2, "period": "YEAR"},
            practicalInfo="Geldig voor een halve dag op Speelplein De Boomhut."),
    _reward("6002", "Gratis zwembeurt in Waterlelie", SPORTDIENST, ZONNEWENDE, 8, sport=True),
    _reward("6003", "Sportkamp: € 10 korting", SPORTDIENST, ZONNEWENDE, 20, sport=True,
            forKids=True, maxAvailableUnits=3),
    _reward("6004", "Gratis ticket in GC De Meander", VRIJE_TIJD, ZONNEWENDE, 12,
            redeemConstraint={"volume": 1, "period": "MONTH"}),
    _reward("6005", "Welkom: eerste activiteit aan € 1", VRIJE_TIJD, ZONNEWENDE, kind="WELCOME"),
    _reward("6006", "Drinkbus van Zonnewende", VRIJE_TIJD, ZONNEWENDE, 5,
            categories=["Gadget of item"]),
    _reward("6007", "Cinematicket Dender", "d0000000-0000-4000-8000-000000009300", DENDER, 10),
)  # fmt: skip


def fill(store):
    """Put the rewards in an empty store, the first one oldest."""
    for index, (key, document) in enumerate(REWARDS):
        values = (key, json.dumps(document), float(index))
        store.write("INSERT INTO reward VALUES (?, ?, ?)", *values)
