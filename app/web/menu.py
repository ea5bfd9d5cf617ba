"""The menu of the back office: only what exists, is switched on and is allowed."""

from dataclasses import dataclass

from flask import current_app, request, url_for
from flask_login import current_user

from app.settings.uit import Modules
from app.web.access import Access, access_of, is_switched_on


@dataclass(frozen=True)
class MenuItem:
    """One line of the menu."""

    label: str
    url: str
    icon: str
    current: bool


@dataclass(frozen=True)
class MenuSection:
    """Lines that belong together."""

    title: str
    items: list[MenuItem]


MENU = (
    ("", (("Dashboard", "backoffice.dashboard", "dashboard"),)),
    (
        "Activiteiten",
        (
            ("Activiteiten", "backoffice.activities", "calendar"),
            ("Activiteittypes", "backoffice.activity_types", "list"),
            ("Inschrijvingen", "backoffice.registrations", "people"),
            ("Inschrijvingsgroepen", "backoffice.registration_groups", "layers"),
            ("Aanwezigheid", "backoffice.attendance", "check"),
            ("Bestellingen", "backoffice.orders", "basket"),
        ),
    ),
    (
        "Personen",
        (
            ("Klanten", "backoffice.customers", "person"),
            ("Gezinsleden", "backoffice.persons", "people"),
        ),
    ),
    (
        "UiT",
        (
            ("Publicaties", "backoffice.publications", "upload"),
            ("UiTPAS-grootboek", "backoffice.ledger", "pass"),
            ("Waarom geen kansentarief?", "backoffice.why", "info"),
            ("Oproepenlog", "backoffice.calls", "clock"),
        ),
    ),
    (
        "Instellingen",
        (
            ("UiT-instellingen", "backoffice.uit_settings", "settings"),
            ("Gemeente", "backoffice.municipality", "pin"),
            ("Privacy", "backoffice.privacy", "lock"),
            ("Schoolvakanties", "backoffice.school_holidays", "calendar"),
            ("Medewerkers", "backoffice.staff", "person"),
            ("Mails", "backoffice.mails", "mail"),
            ("Logboek", "backoffice.audit", "list"),
        ),
    ),
)
"""Title, then (label, endpoint of the overview, icon); the route itself names its module."""


def backoffice_menu(modules: Modules) -> list[MenuSection]:
    """The sections the signed-in account may use while these modules are on."""
    sections = []
    for title, entries in MENU:
        items = [
            MenuItem(label, url_for(endpoint), icon, _is_current(endpoint))
            for label, endpoint, icon in entries
            if _may_use(endpoint, modules)
        ]
        if items:
            sections.append(MenuSection(title, items))
    return sections


def _may_use(endpoint: str, modules: Modules) -> bool:
    if endpoint not in current_app.view_functions or not current_user.is_authenticated:
        return False
    kinds = access_of(current_app, endpoint)
    return is_switched_on(current_app, endpoint, modules) and (
        (Access.ADMIN in kinds and current_user.is_admin)
        or (Access.CASHIER in kinds and current_user.is_cashier)
        or (Access.MONITOR in kinds and current_user.is_monitor)
        or Access.SIGNED_IN in kinds
    )


def _is_current(endpoint: str) -> bool:
    """Whether the page shown is the overview itself or lies below it."""
    path, overview = request.path.rstrip("/"), url_for(endpoint).rstrip("/")
    if endpoint == "backoffice.dashboard":
        return path == overview
    return path == overview or path.startswith(overview + "/")
