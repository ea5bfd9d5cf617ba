"""Shop: the texts that every public site must have, the municipality's own where it wrote them."""

from flask import render_template

from app.settings.municipality import get_municipality
from app.web.access import Access, allow, needs
from app.web.shop import shop


@shop.get("/voorwaarden")
@allow(Access.ANYONE)
def terms() -> str:
    """The terms that are ticked at finishing."""
    return render_template("shop/terms.html", paragraphs=_paragraphs(get_municipality().terms))


@shop.get("/privacy")
@allow(Access.ANYONE)
def privacy() -> str:
    """What is kept of whom, why, and who may see it."""
    return render_template("shop/privacy.html", paragraphs=_paragraphs(get_municipality().privacy))


@shop.get("/toegankelijkheid")
@allow(Access.ANYONE)
def accessibility() -> str:
    """How accessible the site is, and where to say what is not."""
    return render_template("shop/accessibility.html")


@shop.get("/hulp/uitpas")
@allow(Access.ANYONE)
@needs("uitpas")
def uitpas_help() -> str:
    """Kansentarief, coupons and cancelling for parents, in plain words; of coupons while on."""
    return render_template("shop/uitpas_help.html")


def _paragraphs(text: str) -> list[str]:
    """The parts between empty lines; none where the municipality wrote nothing."""
    return [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
