"""Card systems: which regions exist, what their social tariff is and how their labels read."""

from decimal import ROUND_HALF_UP, Decimal

GENT, PASPARTOE, DENDER, ZONNEWENDE = 1, 2, 3, 20


def _system(key, name, website, *cities):
    return {
        "id": key,
        "name": name,
        "branding": {
            "logo": f"https://www.uitpas.be/logo/{key}.svg",
            "primaryColor": "rgba(0,0,0,1.0)",
            "secondaryColor": "rgba(97,166,14,1.0)",
        },
        "links": {"website": website},
        "cities": [{"postalCode": code, "name": city} for code, city in cities],
        "permanent": True,
    }


CARD_SYSTEMS = {
    GENT: _system(
        GENT,
        "UiTPAS Gent",
        "https://www.uitpas.be/gent",
        ("9000", "Gent"),
        ("9050", "Gentbrugge"),
        ("9090", "Melle"),
    ),
    PASPARTOE: _system(
        PASPARTOE, "Paspartoe", "https://www.paspartoebrussel.be", ("1000", "Brussel")
    ),
    DENDER: _system(DENDER, "UiTPAS Dender", "https://www.uitpas.be/dender", ("9300", "Aalst")),
    ZONNEWENDE: _system(
        ZONNEWENDE, "UiTPAS Zonnewende", "https://uitpas.zonnewende.example", ("9995", "Zonnewende")
    ),
}
LABELS = {key: system["name"] for key, system in CARD_SYSTEMS.items()}

# What part of the regular price a holder pays, and the most it may be (euro), per card system.
SHARES = {GENT: "0.20", PASPARTOE: "0.30", DENDER: "0.40", ZONNEWENDE: "0.20"}
CEILINGS = {PASPARTOE: "10.00"}
CENT = Decimal("0.01")


def euro(amount):
    """A JSON number in euro, rounded to the cent."""
    rounded = Decimal(str(amount)).quantize(CENT, rounding=ROUND_HALF_UP)
    return float(rounded)


def social_price(card_system, regular_price):
    """What a holder with kansentarief pays in this card system, in euro."""
    price = Decimal(str(regular_price)) * Decimal(SHARES[card_system])
    if card_system in CEILINGS:
        price = min(price, Decimal(CEILINGS[card_system]))
    return euro(price)


def coupon_price(coupon, regular_price):
    """What remains to pay with this coupon, in euro: a fixed price, a share or an amount off."""
    regular = Decimal(str(regular_price))
    if "price" in coupon:
        price = min(regular, Decimal(coupon["price"]))
    elif "share" in coupon:
        price = regular * Decimal(coupon["share"])
    else:
        price = max(Decimal(0), regular - Decimal(coupon["off"]))
    return euro(price)
