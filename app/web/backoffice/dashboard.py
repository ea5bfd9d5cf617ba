"""Back office, the dashboard: what needs attention today first (C5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap

from flask import url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.activities.models import UitStatus
from app.clock import local, now
from app.mail.outbox import count_failed_mails
from app.settings.calls import tally_today
from app.settings.environments import EnvironmentView, environment_view
from app.settings.uit import Modules, active_environment, get_modules
from app.uitdatabank.attention import Matter
from app.uitdatabank.references_in_use import (
    GoneReference,
    count_gone,
    gone_references,
    words_of,
)
from app.uitdatabank.run_views import Progress, runs_worth_a_notice
from app.uitpas.attention import attention_count
from app.web import dashboard_figures as figures
from app.web.access import Access, allow
from app.web.backoffice import backoffice
from app.web.dashboard_figures import Titles
from app.web.environment_slugs import slug_of
from app.web.pages import page
from app.web.run_words import detail_words, done_words

STATUS_FILTERS = {
    UitStatus.INCOMPLETE: "onvolledig",
    UitStatus.COMPLETE: "klaar",
    UitStatus.PUBLISHED: "gepubliceerd",
    UitStatus.CHANGED: "gewijzigd",
    UitStatus.NOT_APPLICABLE: "nvt",
}
"""The value of each in the address of the list of activities."""
FEW = 3
"""So many names stand in a line."""


@dataclass(frozen=True)
class Attention:
    """One thing that needs somebody; ``kind`` is bad, warn or info."""

    kind: str
    icon: str
    title: str
    text: str
    label: str
    url: str


@backoffice.get("/", strict_slashes=False)
@allow(Access.ADMIN, Access.CASHIER, Access.MONITOR)
def dashboard() -> Response:
    """Each sees what concerns them: attention for admins, figures for admins and cashiers."""
    moment = now()
    modules = get_modules()
    sells = current_user.is_admin or current_user.is_cashier
    is_admin = current_user.is_admin
    return page(
        "backoffice/dashboard.html",
        greeting=_greeting(local(moment).hour),
        moment=moment,
        attention=_attention(modules) if is_admin else [],
        is_admin=is_admin,
        week=figures.week_figures() if sells else None,
        filling_up=figures.filling_up() if sells else [],
        statuses=_status_counts() if is_admin and modules.uitdatabank else None,
        calls=tally_today() if is_admin and modules.uitdatabank else None,
    )


def _status_counts() -> list[tuple[str, str, int]]:
    """Each status with the filter of the list of activities, and how many there are."""
    counts = figures.count_statuses()
    counts[UitStatus.PUBLISHED] = sum(
        counts.get(status, 0) for status in (UitStatus.PUBLISHED, UitStatus.CHANGED)
    )
    return [
        (status.value, url_for("backoffice.activities", uit=value), counts.get(status, 0))
        for status, value in STATUS_FILTERS.items()
    ]


def _greeting(hour: int) -> str:
    words = "Goedemorgen" if hour < 12 else "Goedemiddag" if hour < 18 else "Goedenavond"
    first = current_user.name.split(" ")[0]
    return f"{words}, {first}" if first else words


def _attention(modules: Modules) -> list[Attention]:
    items: list[Attention | None] = []
    if modules.uitpas:
        items.append(_ledger(attention_count()))
    if modules.uitdatabank:
        environment = active_environment()
        items += [
            _connection(environment_view(environment)),
            *(_run(progress) for progress in runs_worth_a_notice(environment)),
            *starmap(_at_uitdatabank, figures.with_matters(environment).items()),
            _gone(gone_references(environment) if count_gone(environment) else []),
            _not_published(figures.online_in_status(UitStatus.COMPLETE)),
            _incomplete(figures.online_in_status(UitStatus.INCOMPLETE)),
        ]
    items += [_mails(count_failed_mails()), _refunds(figures.count_refunds_due())]
    order = {"bad": 0, "warn": 1, "info": 2}
    return sorted((item for item in items if item), key=lambda item: order[item.kind])


def _ledger(count: int) -> Attention | None:
    if not count:
        return None
    what = "1 UiTPAS-verkoop vraagt" if count == 1 else f"{count} UiTPAS-verkopen vragen"
    return Attention(
        "bad",
        "alert",
        f"{what} aandacht",
        "Ze wachten te lang op UiTPAS, of kloppen niet met de lijst van UiTPAS. In het grootboek "
        "staat bij elke verkoop waarom, en wat je kan doen.",
        "Bekijken",
        url_for("backoffice.ledger", aandacht="1"),
    )


def _connection(view: EnvironmentView) -> Attention | None:
    url = url_for("backoffice.environment_settings", slug=slug_of(view.environment))
    if not view.client_id or not view.has_secret:
        return Attention(
            "bad",
            "key",
            "De verbinding met publiq is nog niet ingesteld",
            "Zonder client id en client secret kan je niet publiceren"
            + (" en krijgt niemand kansentarief." if get_modules().uitpas else "."),
            "Instellen",
            url,
        )
    if view.tested_at is None:
        return Attention(
            "warn",
            "key",
            "De verbinding met publiq is nog niet getest",
            "Test ze, dan zie je of publiq ons binnenlaat en wat we mogen.",
            "Testen",
            url,
        )
    return None


def _run(progress: Progress) -> Attention:
    """Many activities at once: under way, or ended with some that failed."""
    name = f"‘{progress.run.title}’" if progress.run.title else "meer activiteiten"
    text = f"{done_words(progress)} {detail_words(progress)}"
    url = url_for("backoffice.publication", run_id=progress.run.id)
    if progress.running:
        return Attention("info", "upload", f"We publiceren {name}", text, "Bekijken", url)
    title = f"Niet alles van {name} is gepubliceerd"
    return Attention("warn", "upload", title, text, "Nakijken", url)


def _at_uitdatabank(matter: Matter, found: Titles) -> Attention | None:
    """What publishing, the nightly check and the pushes of availability found."""
    if not found.count:
        return None
    kind, icon, one, many, text = MATTERS[matter]
    label = "Nakijken"
    url = url_for("backoffice.uit_attention", wat=matter.value)
    if found.count == 1 and matter is not Matter.LEFT_STANDING:  # its list says why and what to do
        url = url_for("backoffice.activity_uit", activity_id=found.first[0][0])
    elif found.count > len(found.first):
        label = f"Toon alle {found.count}"
    title = _counted(found, one, many)
    return Attention(kind, icon, title, f"{_names(found)}. {text}", label, url)


MATTERS = {
    Matter.FAILED: (
        "bad",
        "upload",
        "publicatie is niet gelukt",
        "publicaties zijn niet gelukt",
        "Kijk na waarom en publiceer opnieuw.",
    ),
    Matter.DELETED: (
        "bad",
        "unlink",
        "event bestaat niet meer bij UiTdatabank",
        "events bestaan niet meer bij UiTdatabank",
        "Verwijder de link en publiceer opnieuw.",
    ),
    Matter.REJECTED: (
        "bad",
        "alert",
        "event is afgekeurd door UiTdatabank",
        "events zijn afgekeurd door UiTdatabank",
        "Het staat niet online. Vraag publiq waarom.",
    ),
    Matter.CHANGED: (
        "warn",
        "st-changed",
        "event is gewijzigd bij UiTdatabank",
        "events zijn gewijzigd bij UiTdatabank",
        "Vergelijk voor je publiceert, want publiceren overschrijft het.",
    ),
    Matter.NOT_TOLD: (
        "warn",
        "alert",
        "event kreeg zijn plaatsen of status niet door",
        "events kregen hun plaatsen of status niet door",
        "We proberen het vanzelf opnieuw.",
    ),
    Matter.NO_PARTNER: (
        "warn",
        "pass",
        "gepubliceerde activiteit zonder UiTPAS-partner",
        "gepubliceerde activiteiten zonder UiTPAS-partner",
        "De organisator is geen UiTPAS-partner, dus is er geen kansentarief.",
    ),
    Matter.LEFT_STANDING: (
        "warn",
        "st-published",
        "event staat nog in UiTdatabank",
        "events staan nog in UiTdatabank",
        "Hier is het een concept, of staat ‘Publiceren in UiT’ uit. Verwijder wat daar weg moet.",
    ),
}
"""Kind, icon, one, many, and what to do."""


def _gone(found: Sequence[GoneReference]) -> Attention | None:
    if not found:
        return None
    names = ", ".join(one.name for one in found[:FEW])
    if len(found) > FEW:
        names += f" en {len(found) - FEW} andere"
    if len(found) == 1:
        noun = words_of(found[0].reference.kind)
        title = f"1 {noun} is verdwenen bij UiTdatabank"
    else:
        title = f"{len(found)} locaties of organisatoren zijn verdwenen bij UiTdatabank"
    text = f"{names}. Vervang ze in één keer overal, dan kan je weer publiceren."
    return Attention("warn", "pin", title, text, "Vervangen", url_for("backoffice.uit_gone"))


def _not_published(found: Titles) -> Attention | None:
    title = _counted(
        found, "activiteit is nog niet gepubliceerd", "activiteiten zijn nog niet gepubliceerd"
    )
    text = "Zonder publicatie staat ze niet op UiT in Vlaanderen."
    if found.count != 1:
        text = "Zonder publicatie staan ze niet op UiT in Vlaanderen."
    if get_modules().uitpas:
        text = "Zonder publicatie krijgt niemand kansentarief."
    return _about(found, "warn", "st-ready", title, text, UitStatus.COMPLETE)


def _incomplete(found: Titles) -> Attention | None:
    title = _counted(
        found, "activiteit mist gegevens voor UiT", "activiteiten missen gegevens voor UiT"
    )
    text = "Ze staan online maar kunnen nog niet gepubliceerd worden."
    if found.count == 1:
        text = "Ze staat online maar kan nog niet gepubliceerd worden."
    return _about(found, "warn", "st-incomplete", title, text, UitStatus.INCOMPLETE)


def _mails(count: int) -> Attention | None:
    if not count:
        return None
    return Attention(
        "bad",
        "mail",
        "1 mail is niet vertrokken" if count == 1 else f"{count} mails zijn niet vertrokken",
        "Kijk het adres en de mailserver na, en verstuur opnieuw.",
        "Bekijken",
        url_for("backoffice.mails", stand="failed"),
    )


def _refunds(count: int) -> Attention | None:
    if not count:
        return None
    return Attention(
        "info",
        "cash",
        "1 bedrag is terug te betalen" if count == 1 else f"{count} bedragen zijn terug te betalen",
        "Markeer een terugbetaling zodra ze uitgevoerd is.",
        "Bekijken",
        url_for("backoffice.refunds"),
    )


def _counted(found: Titles, one: str, many: str) -> str:
    return f"{found.count} {one if found.count == 1 else many}"


def _about(
    found: Titles,
    kind: str,
    icon: str,
    title: str,
    text: str,
    status: UitStatus,
) -> Attention | None:
    if not found.count:
        return None
    if found.count == 1:
        url = url_for("backoffice.activity", activity_id=found.first[0][0])
    else:
        url = url_for("backoffice.activities", uit=STATUS_FILTERS[status])
    return Attention(kind, icon, title, f"{_names(found)}. {text}", "Nakijken", url)


def _names(found: Titles) -> str:
    names = ", ".join(name for _, name in found.first)
    if found.count > len(found.first):
        names += f" en {found.count - len(found.first)} andere"
    return names
