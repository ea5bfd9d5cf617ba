"""Style sheets and scripts: our own, and those of installed packages, all cached for long."""

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, url_for

from app.settings.municipality import get_municipality
from app.web.access import Access, allow

HTMX_FOLDER = str(files("js_lib_htmx") / "static" / "htmx")
BOOTSTRAP_FOLDER = str(files("flask_bootstrap") / "static" / "bootstrap5")

assets = Blueprint("assets", __name__)
_htmx = Blueprint("htmx_js", __name__, static_folder=HTMX_FOLDER, static_url_path="/lib/htmx")
_bootstrap = Blueprint(
    "bootstrap_css", __name__, static_folder=BOOTSTRAP_FOLDER, static_url_path="/lib/bootstrap"
)
HUISSTIJL = ":root {{ --vl-brand: {brand}; --vl-accent: {accent}; }}\n"


def setup_assets(app: Flask) -> None:
    """Serve the packages' files and give the templates the addresses of them all."""
    app.register_blueprint(_htmx)
    app.register_blueprint(_bootstrap)
    app.jinja_env.globals.update(
        static_url=static_url,
        htmx_js_url=lambda: url_for(
            "htmx_js.static", filename="htmx.min.js", v=version("django-js-lib-htmx")
        ),
        bootstrap_css_url=lambda: url_for(
            "bootstrap_css.static", filename="css/bootstrap.min.css", v=version("Bootstrap-Flask")
        ),
        brand_css_url=brand_css_url,
    )


def static_url(name: str) -> str:
    """The address of a file of ours; it changes when the file changes."""
    return url_for("static", filename=name, v=_fingerprint(name, _folder()))


def brand_css_url() -> str:
    """The address of the style sheet with the municipality's two colours."""
    return url_for("assets.brand_css", fingerprint=_short_hash(_brand_css()))


@assets.get("/huisstijl-<fingerprint>.css")
@allow(Access.ANYONE)
def brand_css(fingerprint: str) -> Response:
    """The two colours; an address of an earlier pair is gone."""
    css = _brand_css()
    if fingerprint != _short_hash(css):
        abort(404)
    response = Response(css, mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _brand_css() -> str:
    municipality = get_municipality()
    return HUISSTIJL.format(brand=municipality.brand_color, accent=municipality.accent_color)


def _folder() -> str:
    assert current_app.static_folder is not None
    return current_app.static_folder


@cache
def _fingerprint(name: str, folder: str) -> str:
    return hashlib.sha256((Path(folder) / name).read_bytes()).hexdigest()[:10]


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]
