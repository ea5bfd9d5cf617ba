"""Shop: the offer with its filters, and the page of an activity or a series."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.activities.models import Activity, ActivityState, Module, PriceCategory
from app.activities.offer import (
    OfferCard,
    chosen_together,
    offered_types,
    online_ids,
    places_left,
    public_activity,
    search_offer,
    slug_of,
)
from app.activities.registering import activity_problems
from app.clock import now, today
from app.formats import ages, clock, long_day
from app.sales.terms import last_day_to_cancel
from app.settings.municipality import get_municipality
from app.settings.uit import get_modules
from app.uitdatabank.models import UitProfile
from app.uitdatabank.publishing import benefits_possible
from app.uitpas.indicative import indicative_prices
from app.web.access import Access, allow
from app.web.arguments import page_argument
from app.web.dates import (
    POSTPONED,
    all_dates_in_words,
    changes_in_words,
    exact_days_in_words,
    hours_in_words,
    is_over,
    number_of_days,
    when_in_words,
)
from app.web.offer_filters import (
    AGES,
    SORT_WORDS,
    day_words,
    filled_in,
    filter_chips,
    read_filters,
)
from app.web.pages import is_fragment, page
from app.web.places import profiles_of
from app.web.shop import shop

LARGEST_PAGE = 10_000


@shop.get("/")
@allow(Access.ANYONE)
def home() -> Response:
    """The site begins with the offer."""
    return redirect(url_for("shop.offer"))


@shop.get("/aanbod")
@allow(Access.ANYONE)
def offer() -> Response:
    """Everything that can be done: cards, filters, sort and pages, all in the address."""
    types = offered_types()
    wanted = read_filters(request.args, {type_id for type_id, _name in types})
    filters = wanted.filters
    if request.args.get("uitpas") and get_modules().uitpas:
        filters = replace(filters, only_ids=tuple(benefits_possible(online_ids())))
    found = search_offer(filters, page=min(page_argument(), LARGEST_PAGE))
    context: dict[str, Any] = {
        "found": found,
        "cards": _card_views(found.items),
        "sort": filters.sort,
        "sort_options": list(SORT_WORDS.items()),
        "chips": filter_chips(dict(types)),
    }
    if is_fragment():
        response = page("shop/_offer_results.html", fragment=True, **context)
        response.headers["HX-Push-Url"] = url_for("shop.offer", **filled_in(request.args))
        return response
    return page(
        "shop/offer.html",
        errors=[(name, sentence) for name, sentence in wanted.errors.items()],
        fragment=False,
        types=types,
        age_options=[("", "Alle leeftijden")]
        + [(key, words.capitalize()) for key, (_low, _high, words) in AGES.items()],
        asked=request.args,
        field_errors=wanted.errors,
        active=len(context["chips"]),
        **context,
    )


@shop.get("/aanbod/<int:activity_id>")
@shop.get("/aanbod/<int:activity_id>-<slug>")
@allow(Access.ANYONE)
def activity(activity_id: int, slug: str = "") -> Response | str:
    """One activity, with the others of its series; the id counts, another slug is put right."""
    found = public_activity(activity_id)
    if found is None:
        abort(404)
    if slug != slug_of(found):
        return redirect(activity_url(found), code=301)
    together = chosen_together(found)
    possible = _benefits(together)
    profile = profiles_of([found.id]).get(found.id)
    intro, blocks = _description(profile)
    return render_template(
        "shop/activity.html",
        activity=found,
        title=_title(found, together),
        profile=profile,
        intro=intro,
        blocks=blocks,
        rows=[_row(one) for one in together],
        is_series=len(together) > 1,
        prices_differ=len({tuple(_amounts(one)) for one in together}) > 1,
        prices=[(item.name, price_words(item), item.price) for item in found.price_categories],
        days=number_of_days(found),
        weekly=found.schedule is not None,
        key_facts=_key_facts(found, profile),
        with_benefit=bool(possible),
        social_price=indicative_prices(possible).get(found.id),
        ticketing=found.activity_type.module is Module.TICKETING,
        cancelled=found.state is ActivityState.CANCELLED,
        postponed=found.state is ActivityState.POSTPONED,
        changes=changes_in_words(found),
        over=is_over(found),
        cancelling=_cancelling_words(found),
        registering=registration_words(found),
    )


def activity_url(found: Activity, endpoint: str = "shop.activity") -> str:
    """The address of an activity, or of a page below it."""
    return url_for(endpoint, activity_id=found.id, slug=slug_of(found))


def price_words(category: PriceCategory) -> str:
    """For whom a price is, where that is not everybody: 'enkel voor inwoners van Zonnewende'."""
    if not category.residents_only:
        return ""
    municipality = get_municipality()
    if set(category.postal_codes) == {municipality.postal_code} and municipality.locality:
        where = municipality.locality
    else:
        where = ", ".join(category.postal_codes)
    return f"enkel voor inwoners van {where}"


def registration_words(found: Activity) -> str:
    """From when or until when one can register, in a sentence; empty without a period."""
    opens, closes = found.registration_opens_at, found.registration_closes_at
    if opens is not None and opens > now():
        return f"Inschrijven kan vanaf {long_day(opens)}, {clock(opens)}."
    if closes is not None and closes <= now():
        return f"De inschrijvingen zijn gesloten sinds {long_day(closes)}."
    if closes is not None:
        return f"Inschrijven kan tot {long_day(closes)}, {clock(closes)}."
    return ""


def is_open(found: Activity) -> bool:
    """Whether somebody can register now, places and person apart."""
    return not activity_problems(found)


def _card_views(cards: list[OfferCard]) -> list[dict[str, Any]]:
    """What the macro activity_card() needs of each card; three queries for all of them."""
    shown = [activity for card in cards for activity in card.activities]
    profiles = profiles_of(card.first.id for card in cards)
    possible = _benefits(shown)
    social = indicative_prices(possible)
    return [_card_view(card, profiles.get(card.first.id), possible, social) for card in cards]


def _card_view(
    card: OfferCard,
    profile: UitProfile | None,
    possible: dict[int, str],
    social: dict[int, Decimal],
) -> dict[str, Any]:
    first = card.first
    facts = [
        ("calendar", _choice_words(card) if card.is_series else when_in_words(first)),
        ("people", _capital(ages(first.min_age, first.max_age))),
    ]
    if profile is not None and profile.location_name:
        facts.append(("pin", profile.location_name))
    if any(activity.id in possible for activity in card.activities):
        facts.append(("pass", "Kansentarief met UiTPAS"))
    return {
        "title": card.title,
        "url": activity_url(first),
        "date": first.first_start,
        "facts_items": facts,
        "price_amount": card.cheapest,
        "social_price": min(
            (social[one.id] for one in card.activities if one.id in social), default=None
        ),
        "from_price": card.price_differs,
        "free": card.left,
        "left_words": _left_words(card),
        "closed_words": _closed_words(card),
        "art_name": first.activity_type.poster,
    }


def _choice_words(card: OfferCard) -> str:
    return f"{len(card.activities)} data om uit te kiezen"


def _left_words(card: OfferCard) -> str | None:
    """'Nog 3 en 17 plaatsen' for a series of two; None where one number says it."""
    left = [places_left(activity) for activity in card.activities]
    if len(left) != 2 or card.left <= 0:
        return None
    return f"Nog {left[0]} en {left[1]} plaatsen"


def _closed_words(card: OfferCard) -> str | None:
    if any(is_open(activity) for activity in card.activities):
        return None
    opens = [activity.registration_opens_at for activity in card.activities]
    later = [moment for moment in opens if moment is not None and moment > now()]
    if all(activity.state is ActivityState.POSTPONED for activity in card.activities):
        return POSTPONED
    return f"Inschrijven vanaf {day_words(min(later))}" if later else "Niet meer inschrijven"


def _benefits(activities: Iterable[Activity]) -> dict[int, str]:
    """Activities at which UiTPAS can be used: published where we work now, and the module on."""
    if not get_modules().uitpas:
        return {}
    return benefits_possible(
        [one.id for one in activities if one.state is not ActivityState.CANCELLED]
    )


def _row(found: Activity) -> dict[str, Any]:
    """One line of 'Kies je week', also for an activity that stands alone."""
    capacity = sum(pool.capacity for pool in found.pools)
    return {
        "activity": found,
        "when": exact_days_in_words(found),
        "days": number_of_days(found),
        "hours": hours_in_words(found),
        "left": places_left(found),
        "capacity": capacity,
        "taken": sum(pool.taken for pool in found.pools),
        "open": is_open(found),
        "words": registration_words(found),
        "cancelled": found.state is ActivityState.CANCELLED,
        "postponed": found.state is ActivityState.POSTPONED,
        "changes": changes_in_words(found),
        "over": is_over(found),
        "amounts": _amounts(found),
        "url": activity_url(found, "shop.register_who"),
        "dates": all_dates_in_words(found),
    }


def _amounts(found: Activity) -> list[Decimal]:
    """What it may cost in euro, the lowest first."""
    return sorted({item.price for item in found.price_categories})


def _title(found: Activity, together: list[Activity]) -> str:
    if len(together) > 1 and found.series is not None:
        return found.series.title
    return found.title


def _key_facts(
    found: Activity, profile: UitProfile | None
) -> list[tuple[str, str, str, str | None]]:
    facts: list[tuple[str, str, str, str | None]] = [
        ("people", "Voor wie", _capital(ages(found.min_age, found.max_age)), None),
        ("clock", "Uren", _capital(hours_in_words(found)) or "Nog niet bekend", None),
    ]
    if profile is not None and profile.location_name:
        facts.append(("pin", "Waar", profile.location_name, profile.location_address or None))
    return facts


def _description(profile: UitProfile | None) -> tuple[str, list[tuple[str, list[str]]]]:
    """The first paragraph, and the rest as ('p' or 'ul', lines)."""
    text = (profile.description if profile is not None else "").replace("\r\n", "\n").strip()
    parts = [part.strip().split("\n") for part in text.split("\n\n") if part.strip()]
    blocks = [_block(lines) for lines in parts]
    if blocks and blocks[0][0] == "p":
        return " ".join(blocks[0][1]), blocks[1:]
    return "", blocks


def _block(lines: list[str]) -> tuple[str, list[str]]:
    if all(line.lstrip().startswith(("- ", "* ")) for line in lines):
        return "ul", [line.lstrip()[2:] for line in lines]
    return "p", lines


def _cancelling_words(found: Activity) -> str:
    last = last_day_to_cancel(found)
    if last is None or found.activity_type.module is Module.TICKETING:
        return ""
    before, after = (
        _refund_words(found.activity_type.refund_before_percent),
        _refund_words(found.activity_type.refund_after_percent),
    )
    if last < today():
        return f"Zelf annuleren kan niet meer. Bel of mail ons: je krijgt {after} terug."
    return (
        f"Zelf annuleren kan tot en met {long_day(last)}: je krijgt {before} terug. "
        f"Annuleren we daarna voor jou, dan krijg je {after} terug."
    )


def _refund_words(percent: int) -> str:
    if percent == 100:
        return "alles"
    return "niets" if percent == 0 else f"{Decimal(percent)} %"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
