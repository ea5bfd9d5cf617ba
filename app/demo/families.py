"""Twelve families, some with a UiTPAS.

Numbers and INSZ numbers are either those of publiq's public test passholders or invented ones that
only the bundled sandbox knows; a service that does not know one of the latter says so, and the
person then simply has no benefit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.demo import DOMAIN, PASSWORD
from app.extensions import db, end_read, write_transaction
from app.people.accounts import SignUp, sign_up
from app.people.customers import CustomerData, make_customer
from app.people.models import Customer, Person
from app.people.passes import check_pass
from app.people.persons import PersonData, add_person

PARENT = f"ouder@{DOMAIN}"

# publiq's public test passholders: number, INSZ
TEST_ACTIVE_JADE = "0900010959113"
TEST_ACTIVE_TOM = ("0900011902815", "91063061055")
TEST_ACTIVE_LORE = ("0900011903417", "15021760024")
TEST_EXPIRED = "0900000031618"

# the bundled sandbox's own: an active social tariff, unless the name says otherwise
ACTIVE_NOAH_INSZ = "18090205564"
ACTIVE_EMMA = ("0910000000117", "16051411460")
ACTIVE_SOFIE = ("0910000000315", "88032121851")
ACTIVE_YASMINA = ("0910000000612", "14021714075")
ACTIVE_BILAL = ("0910000000711", "12100509509")
ACTIVE_JEF = ("0910000001115", "51060312723")
NONE_MILA = ("0910000000406", "15113007627")
NONE_FINN = ("0910000000505", "17070803167")
NONE_FATIMA = ("0910000001404", "85120131272")
EXPIRED_LOTTE = ("0910000000810", "13042606270")
COUPON_KOBE = ("0910000000901", "16121920364")
SUSPENDED_OKSANA = ("0910000001016", "19011101887")
BLOCKED_WARRE = ("0910000001305", "11030918718")
OTHER_REGION_NORA = ("0910000001214", "16082304475")


@dataclass(frozen=True)
class Member:
    """One person; born on a fixed day, or so old in full years when the demo begins."""

    first_name: str
    born: date | int
    number: str = ""
    insz: str = ""


@dataclass(frozen=True)
class Family:
    """A customer with its persons; the e-mail address is what it is known by."""

    email: str
    first_name: str
    last_name: str
    phone: str
    street: str
    postal_code: str
    locality: str
    members: tuple[Member, ...]


def _with(first_name: str, born: date, passed: tuple[str, str]) -> Member:
    return Member(first_name, born, *passed)


FAMILIES = (
    Family(PARENT, "Lien", "Wintersael", "0470 00 00 01", "Kastanjelaan 21", "9995", "Zonnewende", (
        Member("Lien", 38),
        # active at UiTPAS, but nobody filled in the number: it is found by the INSZ
        Member("Noah", date(2018, 9, 2), "", ACTIVE_NOAH_INSZ),
        Member("Fien", 7),
        Member("Tuur", 9, TEST_EXPIRED),
        Member("Mira", 10, TEST_ACTIVE_JADE),
    )),
    Family("sofie.claes@post.example", "Sofie", "Claes", "0470 00 00 02", "Molenstraat 4", "9995",
           "Zonnewende", (
        _with("Sofie", date(1988, 3, 21), ACTIVE_SOFIE),
        _with("Emma", date(2016, 5, 14), ACTIVE_EMMA),
        Member("Staf", 4),
    )),
    Family("samira.elamrani@post.example", "Samira", "El Amrani", "0470 00 00 03",
           "Stationsstraat 17", "9995", "Zonnewende", (
        Member("Samira", 41),
        _with("Yasmina", date(2014, 2, 17), ACTIVE_YASMINA),
        _with("Bilal", date(2012, 10, 5), ACTIVE_BILAL),
    )),
    Family("jan.peeters@post.example", "Jan", "Peeters", "0470 00 00 04", "Schoolstraat 33",
           "9995", "Zonnewende", (
        Member("Jan", 44),
        _with("Mila", date(2015, 11, 30), NONE_MILA),
        _with("Finn", date(2017, 7, 8), NONE_FINN),
        Member("Pia", 4),
    )),
    Family("els.maes@post.example", "Els", "Maes", "0470 00 00 05", "Lindendreef 9", "9995",
           "Zonnewende", (
        Member("Els", 46),
        _with("Lotte", date(2013, 4, 26), EXPIRED_LOTTE),
        _with("Kobe", date(2016, 12, 19), COUPON_KOBE),
    )),
    Family("iryna.kovalenko@post.example", "Iryna", "Kovalenko", "0470 00 00 06",
           "Pannenhuisstraat 2 bus 3", "9995", "Zonnewende", (
        Member("Iryna", 34),
        _with("Oksana", date(2019, 1, 11), SUSPENDED_OKSANA),
    )),
    Family("jef.willems@post.example", "Jef", "Willems", "0470 00 00 07", "Marktplein 12", "9995",
           "Zonnewende", (
        _with("Jef", date(1951, 6, 3), ACTIVE_JEF),
        Member("Godelieve", 72),
    )),
    Family("tom.verbeke@post.example", "Tom", "Verbeke", "0470 00 00 08", "Dorpsstraat 88", "9990",
           "Maldegem", (
        _with("Tom", date(1991, 6, 30), TEST_ACTIVE_TOM),
        _with("Lore", date(2015, 2, 17), TEST_ACTIVE_LORE),
    )),
    Family("karen.jacobs@post.example", "Karen", "Jacobs", "0470 00 00 09", "Sportstraat 5",
           "9995", "Zonnewende", (
        Member("Karen", 43),
        _with("Warre", date(2011, 3, 9), BLOCKED_WARRE),
        Member("Nona", 6),
        Member("Lars", 8),
    )),
    Family("fatima.haddad@post.example", "Fatima", "Haddad", "0470 00 00 10", "Kaaistraat 60",
           "9900", "Eeklo", (
        _with("Fatima", date(1985, 12, 1), NONE_FATIMA),
        Member("Amir", 5),
        Member("Lina", 9),
    )),
    Family("bart.vandamme@post.example", "Bart", "Van Damme", "0470 00 00 11", "Veldstraat 101",
           "9995", "Zonnewende", (
        Member("Bart", 39),
        Member("Hanna", 11),
        Member("Wout", 9),
        Member("Ella", 3),
    )),
    Family("inge.dubois@post.example", "Inge", "Dubois", "0470 00 00 12", "Keizersplein 14",
           "9300", "Aalst", (
        Member("Inge", 40),
        _with("Nora", date(2016, 8, 23), OTHER_REGION_NORA),
        Member("Gust", 7),
    )),
)  # fmt: skip


def make_families(begin: date) -> int:
    """Every family that is not there yet; returns how many there are."""
    known = customer_ids()
    for family in FAMILIES:
        if family.email not in known:
            with write_transaction():
                customer_id = _make(family)
                for member in family.members:
                    add_person(customer_id, _data(family, member, begin))
    return len(FAMILIES)


def check_passes() -> None:
    """Ask UiTPAS about every number that was never asked about, so that overviews show it."""
    ids = db.session.scalars(
        select(Person.id)
        .where(
            Person.customer_id.in_(customer_ids().values()),
            Person.uitpas_number.is_not(None),
            Person.tariff_checked_at.is_(None),
        )
        .order_by(Person.id)
    ).all()
    for person_id in ids:
        end_read()
        check_pass(person_id)


def customer_ids() -> dict[str, int]:
    """The ids of the demo's customers, by e-mail address."""
    emails = [family.email for family in FAMILIES]
    rows = db.session.execute(select(Customer.email, Customer.id).where(Customer.email.in_(emails)))
    return dict(rows.all())


def person_ids(customers: Iterable[int]) -> dict[tuple[int, str], int]:
    """The ids of these customers' persons, by customer and first name."""
    rows = db.session.execute(
        select(Person.customer_id, Person.first_name, Person.id).where(
            Person.customer_id.in_(customers)
        )
    )
    return {(customer_id, name): person_id for customer_id, name, person_id in rows}


def _make(family: Family) -> int:
    """The customer; the parent of the demo gets one by signing up."""
    contact = {
        "first_name": family.first_name,
        "last_name": family.last_name,
        "email": family.email,
        "phone": family.phone,
        "street": family.street,
        "postal_code": family.postal_code,
        "locality": family.locality,
    }
    if family.email != PARENT:
        return make_customer(CustomerData(**contact)).id
    account = sign_up(SignUp(password=PASSWORD, **contact))
    assert account.customer is not None
    return account.customer.id


def _data(family: Family, member: Member, begin: date) -> PersonData:
    born = member.born
    if isinstance(born, int):
        # four months after a birthday, so that the age holds for the whole programme
        month = (begin.month - 5) % 12 + 1
        born = date(begin.year - born - (begin.month <= 4), month, 10)
    return PersonData(member.first_name, family.last_name, born, member.insz, member.number)
