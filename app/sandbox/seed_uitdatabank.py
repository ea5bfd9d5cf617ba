"""The places, organizers and events of a new sandbox: publiq's test set and a Flemish set.

Zonnewende (9995) does not exist; its places and organizers are invented.
"""

import json
import uuid

from app.sandbox.cardsystems import GENT, PASPARTOE, ZONNEWENDE
from app.sandbox.events import named_prices
from app.sandbox.taxonomy import short_term

CREATED = "2023-01-16T09:00:00+00:00"
PUBLIQ = "publiq"
NAMESPACE = uuid.UUID("1d4a7d52-8a9f-4a6c-b1a5-3f6e5f0c9995")

TEST_ORGANIZER = "0ce87cbc-9299-4528-8d35-92225dc9489f"
OTHER_ORGANIZER = "c76db023-ef6d-49d9-8d15-5ddc3e6eb0a9"
PERMANENT_EVENT = "5a0967f9-cc06-4c3c-9206-30481a767434"
LIMITED_EVENT = "d83b5b8a-108a-45d6-9ac9-8bdc44a0a24a"
FORBIDDEN_EVENT = "373d6cee-b4ae-4637-9b7c-eeb79e45f044"
ANCIENNE_BELGIQUE = "787d7420-c06f-4935-b3c5-5cd5a1276796"
HET_DEPOT = "8248e289-c986-4006-902f-b0616dcbcde7"

SPORTS, LIBRARY, YOUTH, CULTURE = (
    "8.9.1.0.0",
    "8.32.0.0.0",
    "8.51.0.0.0",
    "8.10.0.0.0",
)
OPEN_AIR, HALL, MUSEUM = "8.48.0.0.0", "OyaPaf64AEmEAYXHeLMAtA", "GnPFp9uvOUyqhOckIFMKmg"


def zonnewende_id(name):
    """The fixed id of an invented place or organizer."""
    return str(uuid.uuid5(NAMESPACE, name))


def _home(name, kind, street, latitude, longitude):
    place = (name, kind, street, "9995", "Zonnewende", latitude, longitude)
    return (zonnewende_id(name), *place)


# id, name, type, street, postcode, locality, latitude, longitude
PLACES = (
    (ANCIENNE_BELGIQUE, "Ancienne Belgique", HALL, "Anspachlaan 110", "1000", "Brussel",
     50.847, 4.3486),
    (HET_DEPOT, "Het Depot", HALL, "Martelarenplein 12", "3000", "Leuven", 50.8816, 4.7138),
    _home("Speelplein De Boomhut", YOUTH, "Kastanjelaan 8", 51.0921, 3.6112),
    _home("Sporthal De Lork", SPORTS, "Sportstraat 21", 51.0935, 3.6141),
    _home("GC De Meander", CULTURE, "Marktplein 1", 51.0908, 3.6097),
    _home("Bibliotheek De Letterzetter", LIBRARY, "Marktplein 3", 51.0909, 3.6099),
    _home("Zwembad Waterlelie", SPORTS, "Sportstraat 25", 51.0937, 3.6146),
    _home("Jeugdhuis 't Kompas", YOUTH, "Stationsstraat 40", 51.0889, 3.6075),
    _home("Atelier De Kleiput", CULTURE, "Pannenhuisstraat 12", 51.0897, 3.6121),
    _home("Park Hooghe Linden", OPEN_AIR, "Lindendreef 2", 51.0951, 3.6068),
    _home("Basisschool De Zonnewijzer", "8.44.0.0.0", "Schoolstraat 15", 51.0914, 3.6084),
    (zonnewende_id("De Vooruitgang"), "Kunstencentrum De Vooruitgang", CULTURE,
     "Sint-Pietersnieuwstraat 140", "9000", "Gent", 51.0475, 3.7273),
    (zonnewende_id("Sporthal Brusselsepoort"), "Sporthal Brusselsepoort", SPORTS,
     "Brusselsepoortstraat 18", "9000", "Gent", 51.0431, 3.7339),
    (zonnewende_id("Museum De Schelde"), "Museum De Schelde", MUSEUM, "Kaai 7", "9090", "Melle",
     51.0008, 3.8003),
)  # fmt: skip
DUPLICATE_PLACE = zonnewende_id("Sporthal Lork (dubbel)")
DELETED_PLACE = zonnewende_id("Oude Turnzaal")
# Where events that are only online take place; never found by Search.
ONLINE = "00000000-0000-0000-0000-000000000000"

VRIJE_TIJD = zonnewende_id("Gemeente Zonnewende - Vrije Tijd")
JEUGDDIENST = zonnewende_id("Jeugddienst Zonnewende")
SPORTDIENST = zonnewende_id("Sportdienst Zonnewende")
SPORTS_CLUB = zonnewende_id("Turnkring Hoog en Lenig")
ACADEMY = zonnewende_id("Muziekacademie De Toonladder")
DELETED_ORGANIZER = zonnewende_id("Feestcomité Zonnewende 2019")

# id, name, website, card systems, permitted, locality; Zonnewende also takes passes of Gent.
BOTH = (ZONNEWENDE, GENT)
ORGANIZERS = (
    (TEST_ORGANIZER, "[TEST] UiTPAS Organisatie (Regio Gent + Paspartoe)",
     "https://www.uitpas.be/test", (GENT, PASPARTOE), True, ("9000", "Gent")),
    (OTHER_ORGANIZER, "[TEST] UiTPAS Organisatie zonder rechten",
     "https://www.uitpas.be/test-zonder-rechten", (GENT,), False, ("9000", "Gent")),
    (VRIJE_TIJD, "Gemeente Zonnewende – Vrije Tijd", "https://www.zonnewende.example/vrije-tijd",
     BOTH, True, ("9995", "Zonnewende")),
    (JEUGDDIENST, "Jeugddienst Zonnewende", "https://www.zonnewende.example/jeugd",
     BOTH, True, ("9995", "Zonnewende")),
    (SPORTDIENST, "Sportdienst Zonnewende", "https://www.zonnewende.example/sport",
     BOTH, True, ("9995", "Zonnewende")),
    (SPORTS_CLUB, "Turnkring Hoog en Lenig", "https://www.hoogenlenig.example",
     (), False, ("9995", "Zonnewende")),
    (ACADEMY, "Muziekacademie De Toonladder", "https://www.toonladder.example",
     BOTH, False, ("9995", "Zonnewende")),
    (DELETED_ORGANIZER, "Feestcomité Zonnewende 2019", "https://feest2019.zonnewende.example",
     (), False, ("9995", "Zonnewende")),
)  # fmt: skip

# id, name, organizer, volume and period of the limit per passholder
EVENTS = (
    (PERMANENT_EVENT, "Permanente UiTPAS Test Festiviteit", TEST_ORGANIZER, (100, "WEEK")),
    (LIMITED_EVENT, "Test event met beperkte aankoop", TEST_ORGANIZER, (1, "WEEK")),
    (FORBIDDEN_EVENT, "Test event with no permission", OTHER_ORGANIZER, None),
)


def fill(store):
    """Put places, organizers and events in an empty store."""
    for place_id, name, *rest in PLACES:
        _place(store, place_id, name, *rest)
    lork = zonnewende_id("Sporthal De Lork")
    _place(store, DUPLICATE_PLACE, "Sporthal Lork", SPORTS, "Sportstraat 21 A", "9995",
           "Zonnewende", 51.0935, 3.6141, duplicate_of=lork)  # fmt: skip
    _place(store, DELETED_PLACE, "Oude Turnzaal", SPORTS, "Schoolstraat 17", "9995",
           "Zonnewende", 51.0914, 3.6085, workflow="DELETED")  # fmt: skip
    _place(store, ONLINE, "Online", HALL, "Online", "1000", "Brussel", 50.85, 4.35,
           workflow="DRAFT")  # fmt: skip
    for organizer in ORGANIZERS:
        _organizer(store, *organizer)
    for event in EVENTS:
        _event(store, *event)


def _address(street, postal_code, locality):
    return {
        "nl": {
            "addressCountry": "BE",
            "addressLocality": locality,
            "postalCode": postal_code,
            "streetAddress": street,
        }
    }


def _common(name):
    return {
        "mainLanguage": "nl",
        "name": {"nl": name},
        "languages": ["nl"],
        "completedLanguages": ["nl"],
        "created": CREATED,
        "modified": CREATED,
    }


def _place(
    store, key, name, kind, street, postal_code, locality, latitude, longitude,
    duplicate_of=None, workflow="APPROVED",
):  # fmt: skip
    document = _common(name) | {
        "terms": [short_term(kind)],
        "calendarType": "permanent",
        "address": _address(street, postal_code, locality),
        "geo": {"latitude": latitude, "longitude": longitude},
        "status": {"type": "Available"},
        "bookingAvailability": {"type": "Available"},
        "typicalAgeRange": "-",
        "availableFrom": CREATED,
        "workflowStatus": workflow,
    }
    values = (key, json.dumps(document), duplicate_of, PUBLIQ)
    store.write("INSERT INTO place VALUES (?, ?, ?, ?)", *values)


def _organizer(store, key, name, website, card_systems, permitted, city):
    document = _common(name) | {
        "url": website,
        "address": _address("Marktplein 1", *city),
        "contactPoint": {"phone": [], "email": [], "url": [website]},
        "workflowStatus": "DELETED" if key == DELETED_ORGANIZER else "ACTIVE",
    }
    values = (key, json.dumps(document), json.dumps(card_systems), permitted, PUBLIQ)
    store.write("INSERT INTO organizer VALUES (?, ?, ?, ?, ?)", *values)


def _event(store, key, name, organizer_id, limit):
    document = _common(name) | {
        "terms": [short_term("0.28.0.0.0")],
        "calendarType": "permanent",
        "status": {"type": "Available"},
        "bookingAvailability": {"type": "Available"},
        "attendanceMode": "offline",
        "audience": {"audienceType": "everyone"},
        "typicalAgeRange": "-",
        "childrenOnly": False,
        "description": {"nl": "Publiek testevenement van publiq voor integraties met UiTPAS."},
        "priceInfo": named_prices([{"category": "base", "price": 10}]),
        "contactPoint": {"phone": [], "email": [], "url": []},
        "availableFrom": CREATED,
        "workflowStatus": "APPROVED",
    }
    for name in ("languages", "completedLanguages"):
        del document[name]
    settings = {"checkinPoints": 1}
    if limit:
        settings["passholderTicketLimit"] = {"volume": limit[0], "periodType": limit[1]}
    store.write(
        "INSERT INTO event (id, document, place_id, organizer_id, owner, searchable_at, "
        "uitpas_at, settings) VALUES (?, ?, ?, ?, ?, 0, 0, ?)",
        *(key, json.dumps(document), ANCIENNE_BELGIQUE, organizer_id, PUBLIQ, json.dumps(settings)),
    )
