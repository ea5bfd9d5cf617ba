"""What every template may use: filters, the municipality, the menu, the banner."""

from typing import Any

from flask import Flask, request
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined

from app import formats
from app.settings.models import Environment
from app.settings.municipality import get_municipality
from app.settings.uit import get_modules, get_uit_settings
from app.web.menu import backoffice_menu

BANNERS = {
    Environment.PRODUCTION: None,
    Environment.TEST: (
        "Testomgeving: wat je publiceert of verkoopt, gaat naar de testomgeving van publiq."
    ),
    Environment.SANDBOX: (
        "Oefenomgeving: wat je hier doet, gaat niet naar UiTdatabank en niet naar UiTPAS."
    ),
}


def setup_context(app: Flask) -> None:
    """Filters for the formats people read, and the globals of the layouts."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        money=formats.money,
        day=formats.day,
        long_day=formats.long_day,
        clock=formats.clock,
        moment=formats.moment,
        precise=formats.precise,
        pass_number=formats.pass_number,
        masked_pass_number=formats.masked_pass_number,
        masked_insz=formats.masked_insz,
        communication=formats.communication,
    )
    app.jinja_env.globals.update(ages=formats.ages, period=formats.period, csrf_token=generate_csrf)
    app.context_processor(_globals)


def _globals() -> dict[str, Any]:
    return {
        "page_errors": [],
        "municipality": get_municipality(),
        "modules": get_modules(),
        "environment_banner": BANNERS[get_uit_settings().active_environment],
        "backoffice_menu": backoffice_menu() if _in_backoffice() else [],
        "basket_count": _basket_count(),
    }


def _in_backoffice() -> bool:
    return request.blueprint == "backoffice"


def _basket_count() -> int:
    if request.blueprint in {"backoffice", "desk"} or current_user.customer is None:
        return 0
    from app.sales.basket import count_lines

    return count_lines(current_user.customer.id)
