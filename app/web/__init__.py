"""What people see: one package for each audience, and what these share."""

from flask import Flask

from app.web import actor, assets, auth, body_limits, context, errors, headers, health
from app.web.access import enforce_access
from app.web.backoffice import backoffice
from app.web.desk import desk
from app.web.insz_addresses import setup_insz_addresses
from app.web.row_ids import setup_row_ids
from app.web.shop import shop


def register(app: Flask) -> None:
    """Wire blueprints, template globals, headers, error pages, and the check of access."""
    setup_row_ids(app)
    body_limits.setup_body_limits(app)
    assets.setup_assets(app)
    context.setup_context(app)
    headers.setup_headers(app)
    actor.setup_actor(app)
    errors.setup_errors(app)
    for blueprint in (assets.assets, health.health, auth.auth, shop, backoffice, desk):
        app.register_blueprint(blueprint)
    enforce_access(app)
    setup_insz_addresses(app)
