"""What every template may use: filters, the municipality, the menu, the banner."""

from typing import Any

from flask import Flask, request
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined

from app import formats
from app.settings.models import Environment
from app.settings.municipality import get_municipality
from app.settings.privacy import insz_ground
from app.settings.uit import get_modules, get_uit_settings
from app.uitdatabank.run_views import related_count
from app.web.call_links import call_link
from app.web.menu import backoffice_menu

TEST_BANNER = "Testomgeving: wat je publiceert of verkoopt, gaat naar de testomgeving van publiq."


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
    app.jinja_env.globals.update(
        ages=formats.ages,
        period=formats.period,
        csrf_token=generate_csrf,
        call_link=call_link,
        related_count=related_count,
    )
    app.context_processor(_globals)


def _globals() -> dict[str, Any]:
    modules = get_modules()
    return {
        "page_errors": [],
        "municipality": get_municipality(),
        "modules": modules,
        "insz_ground": insz_ground(),
        "environment_banner": environment_banner(),
        "backoffice_menu": backoffice_menu(modules) if _in_backoffice() else [],
        "basket_count": _basket_count(),
    }


def environment_banner() -> str | None:
    """What stands on every page while production is not active; None in production.

    Names no module that is off.
    """
    environment, modules = get_uit_settings().active_environment, get_modules()
    if environment is Environment.PRODUCTION:
        return None
    if environment is Environment.TEST:
        return TEST_BANNER
    where = "UiTdatabank" if modules.uitdatabank else "publiq"
    if modules.uitpas:
        where += " en niet naar UiTPAS"
    return f"Oefenomgeving: wat je hier doet, gaat niet naar {where}."


def _in_backoffice() -> bool:
    return request.blueprint == "backoffice"


def _basket_count() -> int:
    if request.blueprint in {"backoffice", "desk"} or current_user.customer is None:
        return 0
    from app.sales.basket import count_lines

    return count_lines(current_user.customer.id)
