"""Which price somebody may have, by where he lives."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.activities.models import Activity, PriceCategory
from app.activities.prices import allowed_categories, base_category, cheapest_category
from tests.making import price_categories

PRICES = price_categories(
    [("Inwoners", "40.00", ["9000", "9030"]), ("Basis", "60.00", []), ("Vip", "90.00", [])]
)


def activity(categories: list[PriceCategory]) -> Activity:
    return Activity(title="Kamp", price_categories=categories)


def names(categories: list[PriceCategory]) -> list[str]:
    return [category.name for category in categories]


def test_the_first_category_for_everybody_is_the_base() -> None:
    assert base_category(PRICES).name == "Basis"


def test_without_a_price_for_everybody_there_is_no_base() -> None:
    assert base_category(price_categories([("Inwoners", "40.00", ["9000"])])) is None


def test_a_resident_gets_the_residents_price() -> None:
    assert cheapest_category(activity(PRICES), "9030").name == "Inwoners"


def test_somebody_from_elsewhere_pays_the_base() -> None:
    assert cheapest_category(activity(PRICES), "8000").name == "Basis"
    assert names(allowed_categories(activity(PRICES), "8000")) == ["Basis", "Vip"]


def test_a_guest_never_gets_a_residents_price() -> None:
    assert cheapest_category(activity(PRICES), None).name == "Basis"
    assert cheapest_category(activity(PRICES), "").name == "Basis"


def test_of_two_equal_prices_the_first_counts() -> None:
    equal = price_categories([("Basis", "12.00", []), ("Ook", "12.00", [])])
    assert cheapest_category(activity(equal), None).name == "Basis"


def test_an_activity_for_residents_only_has_no_price_for_others() -> None:
    only = price_categories([("Inwoners", "40.00", ["9000"])])
    assert cheapest_category(activity(only), "8000") is None


codes = st.sampled_from(["9000", "9030", "8000", "1000"])
rows = st.lists(
    st.tuples(st.integers(0, 99999), st.lists(codes, max_size=2, unique=True)), max_size=6
)


@given(rows=rows, postal_code=st.none() | codes)
def test_the_price_is_the_lowest_that_the_postcode_allows(
    rows: list[tuple[int, list[str]]], postal_code: str | None
) -> None:
    made = price_categories(
        [(f"P{n}", str(Decimal(cents) / 100), found) for n, (cents, found) in enumerate(rows)]
    )
    allowed = [
        item.price for item in made if not item.postal_codes or postal_code in item.postal_codes
    ]
    chosen = cheapest_category(activity(made), postal_code)
    assert (chosen.price if chosen else None) == min(allowed, default=None)
