"""The shop: what parents see, at the root of the site."""

from flask import Blueprint

shop = Blueprint("shop", __name__)

from app.web.shop import (  # noqa: E402 - the modules hang their routes on the blueprint
    baskets,
    checkout,
    family,
    mine,
    offer,
    own_data,
    registering,
    texts,
)

MODULES = (offer, registering, baskets, checkout, mine, family, own_data, texts)
