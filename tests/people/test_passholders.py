"""publiq's public test passholders, each as staff or a parent would look them up (CONTRACT 8)."""

from dataclasses import dataclass

import pytest

from app.extensions import db, write_transaction
from app.people.models import TariffStatus
from app.people.numbers import IdentifierKind, read_identifier
from app.people.passes import PassOutcome, check_pass, find_pass, look_up_pass_by_insz
from app.people.tariffs import TariffView, tariff_view
from app.settings.models import Environment, EnvironmentSettings
from app.settings.uit import uit_settings_for_update
from tests.making import allow_insz, make_customer, make_person

ACTIVE, EXPIRED, NONE = TariffStatus.ACTIVE, TariffStatus.EXPIRED, TariffStatus.NONE
UNREGISTERED = "Deze UiTPAS is nog niet geregistreerd. Neem contact op met je UiTPAS-balie."
BLOCKED = "Deze UiTPAS is geblokkeerd. Neem contact op met je UiTPAS-balie."


@dataclass(frozen=True)
class Holder:
    """A row of publiq's table; ``says`` is what publiq tells of a card that cannot be used."""

    number: str
    chip: str
    status: TariffStatus | None
    insz: str = ""
    is_group: bool = False
    says: str = ""

    @property
    def usable(self) -> bool:
        """Whether the card is active."""
        return not self.says


HOLDERS = [
    Holder("0900000095902", "04784CDAEE3880", NONE, "83030201540"),
    Holder("0900000067513", "04363CDAEE3880", ACTIVE, "36051380284"),
    Holder("0900000031618", "04CEE7528E6180", EXPIRED, "66010101785"),
    Holder("0900010959113", "04ED6ACACF6180", ACTIVE, "08091860684"),
    Holder("0900000002312", "04B00412F15284", None, "71030360442", says=BLOCKED),
    Holder("0900000058918", "045157B2B63780", EXPIRED, "17010180147"),
    Holder("1000000520006", "045A4832633680", NONE, "80010101392"),
    Holder("0900000093204", "045D69DAEE3880", ACTIVE, "10010105762"),
    Holder("0900004518305", "", NONE, "80010170282"),
    Holder("0900004518305", "", NONE, "20010170215"),
    Holder("0900011902815", "", ACTIVE, "91063061055"),
    Holder("0900011903417", "", ACTIVE, "15021760024"),
    Holder("0900000074519", "044AC54A8E6180", None, says=UNREGISTERED),
    Holder("0900000020405", "047E2EEA053B80", None, says=UNREGISTERED),
    Holder("0900000045410", "04D0AB6AF85C80", ACTIVE, is_group=True),
    Holder("0900000191800", "048B25DAEE3880", NONE, is_group=True),
]


def _named(holder):
    return f"{holder.number}-{holder.insz or holder.chip}"


@pytest.fixture(autouse=True)
def _connected(app):
    allow_insz()
    with write_transaction() as session:
        uit_settings_for_update().active_environment = Environment.SANDBOX
        session.add(
            EnvironmentSettings(
                environment=Environment.SANDBOX, client_id="demo", client_secret="demo"
            )
        )


@pytest.mark.parametrize("holder", HOLDERS, ids=_named)
def test_a_number_gives_the_status_of_the_table(holder):
    person = make_person(make_customer(), "Iemand", uitpas_number=holder.number)
    answer = check_pass(person.id, by_staff=True)
    db.session.expire_all()
    assert answer.outcome is (PassOutcome.FOUND if holder.usable else PassOutcome.BLOCKED)
    assert [message.text for message in answer.messages] == ([holder.says] if holder.says else [])
    assert person.tariff_status is (holder.status or TariffStatus.UNKNOWN)
    assert person.is_group_pass is holder.is_group
    assert (person.uitpas_number, person.tariff_checked_at is not None) == (holder.number, True)
    views = {
        ACTIVE: TariffView.ACTIVE,
        EXPIRED: TariffView.EXPIRED,
        NONE: TariffView.NONE,
        None: TariffView.UNKNOWN,
    }
    assert tariff_view(person) is views[holder.status]


@pytest.mark.parametrize("holder", [one for one in HOLDERS if one.chip], ids=_named)
def test_a_chip_finds_the_number_for_staff(holder):
    typed = ":".join(holder.chip[place : place + 2] for place in range(0, 14, 2)).lower()
    given = read_identifier(typed, insz=True, cards=True)
    assert given.kind is IdentifierKind.CHIP
    answer = find_pass(given, "Iemand", for_public=False)
    assert answer.outcome is (PassOutcome.FOUND if holder.usable else PassOutcome.BLOCKED)
    assert answer.number == (holder.number if holder.usable else None)


@pytest.mark.parametrize("holder", [one for one in HOLDERS if one.insz], ids=_named)
def test_a_register_number_finds_the_number_of_who_bears_the_name(holder):
    names = {
        "0900000095902": "Lien",
        "0900000067513": "Georges",
        "0900000031618": "Rita",
        "0900010959113": "Jade",
        "0900000002312": "Mohamed",
        "0900000058918": "Nina",
        "1000000520006": "Bert",
        "0900000093204": "Elif",
        "0900004518305": "An",
        "0900011902815": "Tom",
        "0900011903417": "Lore",
    }
    person = make_person(make_customer(), names[holder.number], insz=holder.insz)
    answer = look_up_pass_by_insz(person.id)
    db.session.expire_all()
    assert answer.outcome is (PassOutcome.FOUND if holder.usable else PassOutcome.BLOCKED)
    assert person.uitpas_number == (holder.number if holder.usable else None)
    assert person.tariff_status is (holder.status or TariffStatus.UNKNOWN)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("0900000045410", "Nog 20 van 20 tickets met kansentarief dit jaar."),
        ("0900000191800", "Hoeveel tickets er nog zijn, zegt UiTPAS nu niet."),
    ],
)
def test_of_a_group_pass_what_remains_is_told_to_staff(number, words):
    person = make_person(make_customer(), "Groep", uitpas_number=number)
    assert check_pass(person.id, by_staff=True).tickets == words
    assert check_pass(person.id).tickets == ""
