"""publiq's public test passholders, each as a parent who chooses meets it (CONTRACT 8)."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.activities.models import Activity
from app.extensions import limiter
from app.people.models import Person
from app.uitpas.models import BenefitKind
from tests.making import allow_insz, make_person
from tests.sales.conftest import Family, Publiq
from tests.signing_in import post
from tests.web.reading import error_at
from tests.web.shop.steps import choose, finish, lines, orders, take_benefit, text_of

STEP_TWO = "/mandje/voordelen"
SOCIAL, COUPON = BenefitKind.SOCIAL_TARIFF, BenefitKind.COUPON
REGULAR, REDUCED = Decimal("60.00"), Decimal("12.00")
NOTHING = "UiTPAS geeft voor deze activiteit geen voordeel op dit nummer."
EXPIRED = "Je recht op kansentarief is vervallen."
ELSEWHERE = "andere regio"
BLOCKED = "Deze UiTPAS is geblokkeerd."
UNREGISTERED = "Deze UiTPAS is nog niet geregistreerd."


@dataclass(frozen=True)
class Outcome:
    """A row of publiq's table: what is preselected, or what is said where nothing is."""

    number: str
    benefit: BenefitKind | None
    said: str = ""
    insz: str = ""
    first_name: str = ""

    @property
    def refused(self) -> bool:
        """Whether the card itself cannot be used."""
        return self.said in {BLOCKED, UNREGISTERED}


HOLDERS = [
    Outcome("0900000095902", None, NOTHING, "83030201540", "Lien"),
    Outcome("0900000067513", SOCIAL, "", "36051380284", "Georges"),
    Outcome("0900000031618", None, EXPIRED, "66010101785", "Rita"),
    Outcome("0900010959113", SOCIAL, "", "08091860684", "Jade"),
    Outcome("0900000002312", None, BLOCKED, "71030360442", "Mohamed"),
    Outcome("0900000058918", None, EXPIRED, "17010180147", "Nina"),
    Outcome("1000000520006", None, NOTHING, "80010101392", "Bert"),
    Outcome("0900000093204", None, ELSEWHERE, "10010105762", "Elif"),
    Outcome("0900004518305", None, NOTHING, "80010170282", "An"),
    Outcome("0900004518305", None, NOTHING, "20010170215", "An"),
    Outcome("0900011902815", SOCIAL, "", "91063061055", "Tom"),
    Outcome("0900011903417", SOCIAL, "", "15021760024", "Lore"),
    Outcome("0900000074519", None, UNREGISTERED),
    Outcome("0900000020405", None, UNREGISTERED),
    Outcome("0900000045410", SOCIAL),
    Outcome("0900000191800", COUPON),
]


def _named(holder: Outcome) -> str:
    return f"{holder.number}-{holder.insz}" if holder.insz else holder.number


@pytest.fixture(autouse=True)
def _nobody_asked_before(app: Flask) -> None:
    limiter.reset()
    allow_insz()


def check_outcome(parent: FlaskClient, publiq: Publiq, holder: Outcome) -> None:
    """Step 2 offers or says what fits the holder; then step 3, and what stands at UiTPAS."""
    page = text_of(parent.get(STEP_TWO))
    assert ("Kansentarief" in page) == (holder.benefit is SOCIAL)
    assert holder.said in page
    if holder.benefit is COUPON:  # a choice of one's own: only a social tariff is preselected
        assert "Coupon:" in page
        line = lines()[0]
        (coupon,) = [offer["id"] for offer in line.offers if offer["kind"] == "COUPON"]
        answer = post(parent, STEP_TWO, {f"voordeel-{line.id}": coupon})
    else:
        answer = take_benefit(parent)
    assert answer.location == "/mandje"
    basket = text_of(parent.get("/mandje"))
    assert ("€ 12,00" in basket) == (holder.benefit is SOCIAL)
    assert finish(parent).status_code == 303
    (line,) = orders()[-1].lines
    assert line.benefit_kind is holder.benefit
    assert line.regular_price == REGULAR
    if holder.benefit is SOCIAL:
        assert line.price == REDUCED
    else:
        assert (line.price < REGULAR) == (holder.benefit is not None)
    sold = [sale["uitpasNumber"] for sale in publiq.live_sales()]
    assert sold == ([holder.number] if holder.benefit else [])


def person_with(family: Family, holder: Outcome, **fields: str) -> Person:
    return make_person(family.customer, holder.first_name or "Iemand", **fields)


@pytest.mark.parametrize("holder", HOLDERS, ids=_named)
def test_whose_number_is_kept_gets_what_publiqs_table_says(
    parent: FlaskClient, family: Family, camp: Activity, publiq: Publiq, holder: Outcome
) -> None:
    child = person_with(family, holder, uitpas_number=holder.number)
    choose(parent, camp, child, uitpas="ja")
    check_outcome(parent, publiq, holder)


@pytest.mark.parametrize("holder", HOLDERS, ids=_named)
def test_whose_number_is_typed_while_choosing_gets_the_same(
    parent: FlaskClient, family: Family, camp: Activity, publiq: Publiq, holder: Outcome
) -> None:
    choose(parent, camp, family.tuur, uitpas="ja")
    name = f"nummer-{lines()[0].id}"
    answer = post(parent, f"{STEP_TWO}/{lines()[0].id}/nummer", {name: holder.number})
    if holder.refused:
        assert answer.status_code == 422
        assert holder.said in error_at(answer, name)
        assert "Tuur kan gewoon mee" in text_of(answer)
        assert publiq.live_sales() == []
        return
    assert answer.status_code == 303
    check_outcome(parent, publiq, holder)


@pytest.mark.parametrize("holder", [one for one in HOLDERS if one.insz], ids=_named)
def test_whose_register_number_is_kept_is_found_while_choosing(
    parent: FlaskClient, family: Family, camp: Activity, publiq: Publiq, holder: Outcome
) -> None:
    child = person_with(family, holder, insz=holder.insz)
    choose(parent, camp, child, uitpas="ja")
    if holder.refused:
        page = text_of(parent.get(STEP_TWO))
        assert "kan gewoon mee" in page and "Kansentarief" not in page
        assert lines()[0].uitpas_number is None
        return
    check_outcome(parent, publiq, holder)
    assert orders()[-1].lines[0].person_id == child.id
