"""Shop: where the steps of registering stand, and the basket's page among them."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.sales.models import Basket
from app.web.basket_page import basket_page
from app.web.pages import page
from app.web.registering_steps import FlowAddresses


def flow_addresses() -> FlowAddresses:
    """The addresses of a parent's own basket."""
    return FlowAddresses(
        basket=url_for("shop.basket"),
        benefits=url_for("shop.benefits"),
        benefits_total=url_for("shop.benefits_total"),
        extend=url_for("shop.extend_basket"),
        hold_again=url_for("shop.hold_basket_again"),
        finish=url_for("shop.finish"),
        more=url_for("shop.offer"),
        remove=lambda line_id: url_for("shop.remove_from_basket", line_id=line_id),
        number=lambda line_id: url_for("shop.use_pass_number", line_id=line_id),
        check_number=url_for("shop.check_number"),
    )


def shop_basket_page(
    found: Basket | None, *, could_use: Sequence[str] = (), **context: Any
) -> Response:
    """A parent's basket, or that it is empty; ``context`` as for ``basket_page()``.

    ``could_use`` are the first names of who could still use a UiTPAS.
    """
    if found is None or not found.lines:
        return page("shop/basket_empty.html", signed_in=current_user.is_authenticated)
    return basket_page(
        found, flow_addresses(), template="shop/basket.html", could_use=could_use, **context
    )
