"""The back office, below /beheer: one module for each item of its menu."""

from flask import Blueprint

backoffice = Blueprint("backoffice", __name__, url_prefix="/beheer")

from app.web.backoffice import (  # noqa: E402 - the modules hang their routes on the blueprint
    activities,
    activity_types,
    audit,
    calls,
    customers,
    dashboard,
    ledger,
    mails,
    municipality,
    orders,
    persons,
    registrations,
    staff,
    uit_profiles,
    uit_settings,
)

MODULES = (
    dashboard,
    activity_types,
    activities,
    uit_profiles,
    registrations,
    orders,
    customers,
    persons,
    uit_settings,
    municipality,
    staff,
    calls,
    ledger,
    audit,
    mails,
)
