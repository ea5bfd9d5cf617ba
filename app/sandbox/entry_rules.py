"""What publiq refuses in an event: field rules that answer 400 with a pointer per mistake.

Each function takes a value, its JSON pointer and the list of findings, and adds pairs of a
pointer and a sentence for developers. Rules on dates and availability are in calendar_rules.
"""

import re
from urllib.parse import urlsplit

from app.sandbox import calendar_rules
from app.sandbox.taxonomy import TERMS

LANGUAGES = ("nl", "fr", "de", "en")
UUID = r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}"
REFERENCES = {
    "location": re.compile(rf"^https?://.+?/places?/({UUID})/?$"),
    "organizer": re.compile(rf"^https?://.+?/organizers?/({UUID})/?$"),
    "image": re.compile(rf"^https?://.+?/images?/({UUID})/?$"),
}
LABEL = re.compile(r"^(?=.{2,255}$)(?=.*\S.*\S.*)[^;]*$")
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
REQUIRED = ("mainLanguage", "name", "terms", "location", "calendarType")
WORKFLOW = ("DRAFT", "READY_FOR_VALIDATION", "APPROVED", "REJECTED", "DELETED")
NAME_LENGTH = 90
MOST_FAQS = 30
MOST_DEPARTURES = 20


def event_errors(body):
    """Every mistake in a body of POST or PUT /events; empty when publiq would take it."""
    found = []
    if not isinstance(body, dict):
        return [("/", "The data must match the type: object")]
    missing = [name for name in REQUIRED if body.get(name) is None]
    if body.get("attendanceMode") == "online" and "location" in missing:
        missing.remove("location")
    if missing:
        return [("/", f"The required properties ({', '.join(missing)}) are missing")]
    language = body["mainLanguage"]
    if language not in LANGUAGES:
        return [("/mainLanguage", "The data should match one item from enum")]
    translated(body["name"], "/name", language, found, longest=NAME_LENGTH)
    terms(body["terms"], found)
    if "location" in body:
        reference(body["location"], "location", found)
    if body.get("organizer") is not None:
        reference(body["organizer"], "organizer", found)
    one_of(body.get("workflowStatus"), WORKFLOW, "/workflowStatus", found)
    calendar_rules.calendar(body, found)
    if body.get("availableFrom") is not None:
        calendar_rules.moment(body["availableFrom"], "/availableFrom", found)
    _optional_fields(body, language, found)
    return found


def _optional_fields(body, language, found):
    checks = {
        "description": lambda value: translated(value, "/description", language, found),
        "audience": lambda value: audience(value, found),
        "typicalAgeRange": lambda value: age_range(value, "/typicalAgeRange", found),
        "birthdateRange": lambda value: birthdate_range(value, "/birthdateRange", found),
        "childrenOnly": lambda value: boolean(value, "/childrenOnly", found),
        "labels": lambda value: labels(value, "/labels", found),
        "hiddenLabels": lambda value: labels(value, "/hiddenLabels", found),
        "priceInfo": lambda value: prices(value, "/priceInfo", language, found),
        "bookingInfo": lambda value: booking_info(value, "/bookingInfo", language, found),
        "contactPoint": lambda value: contact_point(value, "/contactPoint", found),
        "mediaObject": lambda value: images(value, found),
        "faqs": lambda value: faqs(value, "/faqs", found),
        "departurePlaces": lambda value: departures(value, body.get("childrenOnly"), found),
    }
    for name, check in checks.items():
        if body.get(name) is not None:
            check(body[name])
    mode = body.get("attendanceMode")
    one_of(mode, ("offline", "online", "mixed"), "/attendanceMode", found)
    if body.get("onlineUrl") is not None:
        web_address(body["onlineUrl"], "/onlineUrl", found)
        if mode in (None, "offline"):
            found.append(("/onlineUrl", "An onlineUrl is not allowed with attendanceMode offline"))


def text(value, pointer, found, longest=None):
    if not isinstance(value, str):
        found.append((pointer, "The data must match the type: string"))
    elif not value.strip():
        found.append((pointer, "Given string should not be empty."))
    elif longest and len(value) > longest:
        found.append((pointer, f"Maximum string length is {longest}, found {len(value)}"))


def translated(value, pointer, language, found, longest=None):
    """A map of language to text that must hold the main language."""
    if not isinstance(value, dict):
        found.append((pointer, "The data must match the type: object"))
        return
    if language not in value:
        found.append((pointer, "A value in the mainLanguage is required."))
    for key, item in value.items():
        if key in LANGUAGES:
            text(item, f"{pointer}/{key}", found, longest)


def one_of(value, choices, pointer, found):
    if value is not None and value not in choices:
        found.append((pointer, "The data should match one item from enum"))


def boolean(value, pointer, found):
    if not isinstance(value, bool):
        found.append((pointer, "The data must match the type: boolean"))


def reference(value, kind, found):
    """`{"@id": …}` that points at a place or an organizer."""
    pointer = f"/{kind}"
    if not isinstance(value, dict) or not isinstance(value.get("@id"), str):
        found.append((pointer, "The required properties (@id) are missing"))
    elif not REFERENCES[kind].match(value["@id"]):
        found.append((pointer + "/@id", "The string should match the pattern of a " + kind))


def referred_id(value, kind):
    """The lower-case id in an `@id` that already passed `reference`."""
    return REFERENCES[kind].match(value["@id"]).group(1).lower()


def terms(value, found):
    if not isinstance(value, list) or not value:
        found.append(("/terms", "Array should have at least 1 items, 0 found"))
        return
    ids = [item.get("id") if isinstance(item, dict) else None for item in value]
    if len(set(map(str, ids))) != len(ids):
        found.append(("/terms", "Array should have unique items"))
    domains = []
    for index, key in enumerate(ids):
        term = TERMS.get(key) if isinstance(key, str) else None
        if term is None or "events" not in term["scope"]:
            found.append((f"/terms/{index}/id", f"The term {key} does not exist or is not allowed"))
        else:
            domains.append(term["domain"])
    if len(domains) == len(ids) and domains.count("eventtype") != 1:
        found.append(("/terms", "At least 1 and at most 1 array items must match schema"))


def labels(value, pointer, found):
    if not isinstance(value, list):
        found.append((pointer, "The data must match the type: array"))
        return
    for index, label in enumerate(value):
        if not isinstance(label, str) or not LABEL.match(label):
            found.append(
                (f"{pointer}/{index}", "The string should match pattern: " + LABEL.pattern)
            )
    if len({str(label).lower() for label in value}) != len(value):
        found.append((pointer, "Array should have unique items"))


def audience(value, found):
    if not isinstance(value, dict) or "audienceType" not in value:
        found.append(("/audience", "The required properties (audienceType) are missing"))
    else:
        choices = ("everyone", "members", "education")
        one_of(value["audienceType"], choices, "/audience/audienceType", found)


def age_range(value, pointer, found):
    match = re.match(r"^(\d*)-(\d*)$", value) if isinstance(value, str) else None
    if match is None:
        found.append((pointer, "The string should match pattern: ^[\\d]*-[\\d]*$"))
    elif match.group(1) and match.group(2) and int(match.group(1)) > int(match.group(2)):
        found.append((pointer, '"From" age should not be greater than the "to" age.'))


def birthdate_range(value, pointer, found):
    dates = []
    for name in ("from", "to"):
        day = value.get(name) if isinstance(value, dict) else None
        if calendar_rules.day(day, f"{pointer}/{name}", found):
            dates.append(day)
    if len(dates) == 2 and dates[0] > dates[1]:
        found.append((pointer, "from should not be later than to"))


def number(value, pointer, found):
    """A JSON number of zero or more; a string with digits is refused, as at publiq."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        found.append((pointer, "The data must match the type: number"))
    elif value < 0:
        found.append((pointer, "Number must be greater than or equal to 0"))


def prices(value, pointer, language, found):
    if not isinstance(value, list) or not value:
        found.append((pointer, "Array should have at least 1 items, 0 found"))
        return
    names = set()
    for index, price in enumerate(value):
        here = f"{pointer}/{index}"
        if not isinstance(price, dict):
            found.append((here, "The data must match the type: object"))
            continue
        one_of(price.get("category", "?"), ("base", "tariff", "uitpas"), here + "/category", found)
        number(price.get("price"), here + "/price", found)
        one_of(price.get("priceCurrency"), ("EUR",), here + "/priceCurrency", found)
        if price.get("category") == "tariff" and "name" not in price:
            found.append((here, "The required properties (name) are missing"))
        if "name" in price:
            translated(price["name"], here + "/name", language, found, longest=NAME_LENGTH)
            name = (
                str(price["name"].get(language)).strip() if isinstance(price["name"], dict) else ""
            )
            if name in names:
                found.append((f"{here}/name/{language}", f'Tariff name "{name}" must be unique.'))
            names.add(name)
    categories = [price.get("category") for price in value if isinstance(price, dict)]
    if categories.count("base") != 1:
        found.append((pointer, "At least 1 and at most 1 array items must match schema"))


def web_address(value, pointer, found):
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.netloc:
        found.append((pointer, "The data must match the 'uri' format"))


def email(value, pointer, found):
    if not isinstance(value, str) or not EMAIL.match(value):
        found.append((pointer, "The data must match the 'email' format"))


def booking_info(value, pointer, language, found):
    if not isinstance(value, dict):
        found.append((pointer, "The data must match the type: object"))
        return
    if value.get("url"):
        web_address(value["url"], pointer + "/url", found)
        if "urlLabel" not in value:
            found.append((pointer, "'urlLabel' property is required by 'url' property"))
    if value.get("urlLabel"):
        translated(value["urlLabel"], pointer + "/urlLabel", language, found)
    if value.get("email"):
        email(value["email"], pointer + "/email", found)
    if value.get("phone"):
        text(value["phone"], pointer + "/phone", found)
    moments = [
        calendar_rules.moment(value[name], f"{pointer}/{name}", found)
        for name in ("availabilityStarts", "availabilityEnds")
        if value.get(name)
    ]
    if len(moments) == 2 and all(moments) and moments[0] > moments[1]:
        found.append(
            (
                pointer + "/availabilityEnds",
                "availabilityEnds should not be before availabilityStarts",
            )
        )


def contact_point(value, pointer, found, complete=False):
    """`complete`: the sub-resource wants all three lists, an event body does not."""
    if not isinstance(value, dict):
        found.append((pointer, "The data must match the type: object"))
        return
    missing = [name for name in ("phone", "email", "url") if complete and name not in value]
    if missing:
        found.append(
            (pointer or "/", f"The required properties ({', '.join(missing)}) are missing")
        )
    for name, check in (("phone", text), ("email", email), ("url", web_address)):
        for index, item in enumerate(value.get(name) or []):
            check(item, f"{pointer}/{name}/{index}", found)


def images(value, found):
    if not isinstance(value, list) or not value:
        found.append(("/mediaObject", "Array should have at least 1 items, 0 found"))
        return
    for index, image in enumerate(value):
        address = image.get("@id") if isinstance(image, dict) else None
        if not isinstance(address, str) or not REFERENCES["image"].match(address):
            found.append((f"/mediaObject/{index}/@id", "The string should match the pattern"))


def faqs(value, pointer, found):
    if not isinstance(value, list) or len(value) > MOST_FAQS:
        found.append((pointer, f"Array should have at most {MOST_FAQS} items"))
        return
    for index, entry in enumerate(value):
        for language, faq in (entry if isinstance(entry, dict) else {}).items():
            if language in LANGUAGES and isinstance(faq, dict):
                here = f"{pointer}/{index}/{language}"
                text(faq.get("question"), here + "/question", found, 255)
                text(faq.get("answer"), here + "/answer", found, 5000)


def departures(value, children_only, found):
    if not isinstance(value, list) or len(value) > MOST_DEPARTURES:
        found.append(("/departurePlaces", f"Array should have at most {MOST_DEPARTURES} items"))
    elif value and not children_only:
        found.append(("/departurePlaces", "departurePlaces are only allowed with childrenOnly"))
