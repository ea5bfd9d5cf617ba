"""The desk: what cashiers use, below /kassa."""

from flask import Blueprint

desk = Blueprint("desk", __name__, url_prefix="/kassa")

from app.web.desk import start  # noqa: E402 - the module hangs its routes on the blueprint

MODULES = (start,)
