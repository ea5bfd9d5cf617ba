"""Which price somebody may have: ordered categories, some for residents only (C1)."""

from collections.abc import Iterable

from app.activities.models import Activity, ActivityType, PriceCategory

ROWS = 20
"""Most price categories of one type or activity."""


def base_category(categories: Iterable[PriceCategory]) -> PriceCategory | None:
    """The first category without a residence rule; None where everything is for residents."""
    for category in sorted(categories, key=_order):
        if not category.postal_codes:
            return category
    return None


def allowed_categories(
    owner: Activity | ActivityType, postal_code: str | None
) -> list[PriceCategory]:
    """The categories that somebody living there may have, in their order.

    None is somebody of whom we know no postcode, a guest: never a price for residents.
    """
    wanted = (postal_code or "").strip()
    return [
        category
        for category in sorted(owner.price_categories, key=_order)
        if not category.postal_codes or (wanted and wanted in category.postal_codes)
    ]


def cheapest_category(
    owner: Activity | ActivityType, postal_code: str | None
) -> PriceCategory | None:
    """The cheapest that is allowed, the first of equals; None where nothing is allowed."""
    allowed = allowed_categories(owner, postal_code)
    return min(allowed, key=lambda category: (category.price, *_order(category)), default=None)


def _order(category: PriceCategory) -> tuple[int, int]:
    return category.position or 0, category.id or 0
