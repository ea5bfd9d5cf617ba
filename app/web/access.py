"""Who may use a route, and which module it belongs to.

A route that does not say for whom it is stops the application from starting.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request
from flask_login import current_user

from app.settings.uit import Modules, get_modules

View = TypeVar("View", bound=Callable[..., Any])


class Access(Enum):
    """The kinds of people for whom a route can be."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    CUSTOMER = "customer"
    ADMIN = "admin"
    CASHIER = "cashier"
    MONITOR = "monitor"


def allow(*kinds: Access) -> Callable[[View], View]:
    """Declare for whom a view is; anybody of one of these kinds may use it.

    Stands below ``@blueprint.route``. What belongs to one person is still fetched by owner.
    """

    def mark(view: View) -> View:
        view.__access__ = frozenset(kinds)  # type: ignore[attr-defined]
        return view

    return mark


def needs(module: str) -> Callable[[View], View]:
    """Declare that a view belongs to a module: while that is off there is no such page (404).

    Stands below ``@allow``; ``module`` is the name of a field of Modules. Raises ValueError.
    """
    if module not in Modules.__dataclass_fields__:
        raise ValueError(f"no module {module}")

    def mark(view: View) -> View:
        view.__module_needed__ = module  # type: ignore[attr-defined]
        return view

    return mark


def enforce_access(app: Flask) -> None:
    """Check every route at each request, and that each declares its access at the start."""

    @app.before_request
    def _check() -> Any:
        if request.endpoint is None:
            return None
        kinds = access_of(current_app, request.endpoint)
        if Access.ANYONE not in kinds:
            if not current_user.is_authenticated:
                return current_app.login_manager.unauthorized()
            if not _fits(kinds):
                abort(403)
        if not is_switched_on(current_app, request.endpoint):
            abort(404)
        return None

    undeclared = sorted(
        {r.endpoint for r in app.url_map.iter_rules() if not access_of(app, r.endpoint)}
    )
    if undeclared:
        raise RuntimeError(f"routes without @allow(...): {', '.join(undeclared)}")


def access_of(app: Flask, endpoint: str) -> frozenset[Access]:
    """The declared kinds of one endpoint; static files are for anyone."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return frozenset({Access.ANYONE})
    return getattr(app.view_functions[endpoint], "__access__", frozenset())


def module_of(app: Flask, endpoint: str) -> str:
    """The module that one endpoint belongs to; empty where it needs none."""
    return getattr(app.view_functions.get(endpoint), "__module_needed__", "")


def is_switched_on(app: Flask, endpoint: str, modules: Modules | None = None) -> bool:
    """Whether the module that an endpoint belongs to is on; of many, read ``modules`` once."""
    module = module_of(app, endpoint)
    return not module or getattr(modules or get_modules(), module)


def _fits(kinds: frozenset[Access]) -> bool:
    checks = {
        Access.SIGNED_IN: True,
        Access.CUSTOMER: current_user.customer is not None,
        Access.ADMIN: current_user.is_admin,
        Access.CASHIER: current_user.is_cashier,
        Access.MONITOR: current_user.is_monitor,
    }
    return any(checks.get(kind, False) for kind in kinds)
