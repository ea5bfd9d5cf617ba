"""Which sale of publiq's answer belongs to which line."""

from decimal import Decimal

from app.publiq.uitpas import TicketSale
from app.settings.models import Environment
from app.uitpas.matching import match_answer
from app.uitpas.models import BenefitKind, UitpasEntry


def entry(
    entry_id: int, number: str = "0900000067513", tariff: str = "SOCIALTARIFF"
) -> UitpasEntry:
    return UitpasEntry(
        id=entry_id,
        line_ref=f"ref{entry_id}",
        order_id=1,
        environment=Environment.SANDBOX,
        kind=BenefitKind.SOCIAL_TARIFF,
        event_id="event",
        uitpas_number=number,
        tariff_id=tariff,
        tariff_name="Kansentarief",
        regular_price=Decimal("60.00"),
        regular_price_label=f"Basistarief (ref{entry_id})",
        wished_price=Decimal("12.00"),
    )


def sale(
    sale_id: str, label: str, number: str = "0900000067513", tariff: str = "SOCIALTARIFF"
) -> TicketSale:
    return TicketSale(
        id=sale_id,
        creation_date=None,
        tariff_id=tariff,
        tariff_name="Kansentarief",
        price=Decimal("12.00"),
        type="SOCIALTARIFF",
        event_id="event",
        uitpas_number=number,
        regular_price=Decimal("60.00"),
        regular_price_label=label,
    )


def test_equal_lines_of_a_group_pass_are_told_apart_by_their_labels() -> None:
    answer = [sale("b", "Basistarief (ref2)"), sale("a", "Basistarief (ref1)")]
    matched = match_answer([entry(1), entry(2)], answer)
    assert {key: found.id for key, found in matched.items()} == {1: "a", 2: "b"}


def test_sales_without_a_label_go_to_one_fitting_line_each() -> None:
    answer = [sale("x", "", number="0900011903417"), sale("y", ""), sale("z", "")]
    matched = match_answer([entry(1), entry(2), entry(3, number="0900011903417")], answer)
    assert sorted(found.id for found in matched.values()) == ["x", "y", "z"]
    assert matched[3].id == "x"


def test_a_sale_of_another_line_is_never_taken() -> None:
    answer = [sale("a", "Basistarief (ref9)"), sale("b", "", tariff="COUPON_77")]
    assert match_answer([entry(1)], answer) == {}
