"""Sixteen families and an organisation: for each situation with a UiTPAS there is one.

``shows`` says which; the guide for clerks names them in the same words. Everybody is so old in full
years when the demo begins, so that it works in any year. A register number is that of a pass, and
in a later year it tells another day of birth than the person has; nothing compares the two.

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
REPLACED_AMINA = ("0910000001602", "14031204536")
"""The number of an old card: UiTPAS answers with that of the new one."""
GRACE_FERRE = ("0910000001818", "17110406287")
ENDS_SOON_NOUR = ("0910000001917", "15062003146")
GROUP = "0910000001511"
OTHER_REGION_NORA = ("0910000001214", "16082304475")
COUPONS_ILIAS = "0910000002014"
MISFIT_INSZ = "17120530119"
"""Of a pass whose holder is called Emiel."""
ACTIVE_AWA = "0910000002212"
LIMIT_MOUSSA = "0910000002311"
ACTIVE_JULE = "0910000002410"


@dataclass(frozen=True)
class Member:
    """One person, so old in full years when the demo begins; None where nobody knows."""

    first_name: str
    age: int | None
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
    shows: tuple[str, ...] = ()
    """The situations for which this family is there, in Dutch, as the guide lists them."""


def _with(first_name: str, age: int, passed: tuple[str, str]) -> Member:
    return Member(first_name, age, *passed)


FAMILIES = (
    Family(PARENT, "Lien", "Wintersael", "0470 00 00 01", "Kastanjelaan 21", "9995", "Zonnewende", (
        Member("Lien", 38),
        # active at UiTPAS, but nobody filled in the number: it is found by the INSZ
        Member("Noah", 8, "", ACTIVE_NOAH_INSZ),
        Member("Fien", 7),
        Member("Tuur", 9, TEST_EXPIRED),
        Member("Mira", 10, TEST_ACTIVE_JADE),
    ), ("nummer gevonden met het rijksregisternummer", "nog geen UiTPAS ingevuld")),
    Family("sofie.claes@post.example", "Sofie", "Claes", "0470 00 00 02", "Molenstraat 4", "9995",
           "Zonnewende", (
        _with("Sofie", 38, ACTIVE_SOFIE),
        _with("Emma", 9, ACTIVE_EMMA),
        Member("Staf", 4),
    ), ("actief kansentarief",)),
    Family("samira.elamrani@post.example", "Samira", "El Amrani", "0470 00 00 03",
           "Stationsstraat 17", "9995", "Zonnewende", (
        Member("Samira", 41),
        _with("Yasmina", 12, ACTIVE_YASMINA),
        _with("Bilal", 14, ACTIVE_BILAL),
        _with("Nour", 11, ENDS_SOON_NOUR),
    ), ("kansentarief en coupon samen", "kansentarief dat binnenkort vervalt",
        "verkoop die aandacht vraagt in het grootboek")),
    Family("jan.peeters@post.example", "Jan", "Peeters", "0470 00 00 04", "Schoolstraat 33",
           "9995", "Zonnewende", (
        Member("Jan", 44),
        _with("Mila", 11, NONE_MILA),
        _with("Finn", 9, NONE_FINN),
        Member("Pia", 4),
    ), ("UiTPAS zonder kansentarief", "geannuleerd en terug te betalen")),
    Family("els.maes@post.example", "Els", "Maes", "0470 00 00 05", "Lindendreef 9", "9995",
           "Zonnewende", (
        Member("Els", 46),
        _with("Lotte", 13, EXPIRED_LOTTE),
        _with("Kobe", 9, COUPON_KOBE),
        _with("Ferre", 9, GRACE_FERRE),
    ), ("vervallen kansentarief", "één coupon", "uitstel na de vervaldag",)),
    Family("iryna.kovalenko@post.example", "Iryna", "Kovalenko", "0470 00 00 06",
           "Pannenhuisstraat 2 bus 3", "9995", "Zonnewende", (
        Member("Iryna", 34),
        _with("Oksana", 7, SUSPENDED_OKSANA),
    ), ("geschorst kansentarief",)),
    Family("jef.willems@post.example", "Jef", "Willems", "0470 00 00 07", "Marktplein 12", "9995",
           "Zonnewende", (
        _with("Jef", 75, ACTIVE_JEF),
        Member("Godelieve", 72),
    ), ("volwassene met kansentarief en veel punten",)),
    Family("tom.verbeke@post.example", "Tom", "Verbeke", "0470 00 00 08", "Dorpsstraat 88", "9990",
           "Maldegem", (
        _with("Tom", 35, TEST_ACTIVE_TOM),
        _with("Lore", 11, TEST_ACTIVE_LORE),
    ), ("geannuleerd en bij UiTPAS ongedaan gemaakt",)),
    Family("karen.jacobs@post.example", "Karen", "Jacobs", "0470 00 00 09", "Sportstraat 5",
           "9995", "Zonnewende", (
        Member("Karen", 43),
        _with("Warre", 15, BLOCKED_WARRE),
        Member("Nona", 6),
        Member("Lars", 8),
    ), ("geblokkeerde kaart",)),
    Family("fatima.haddad@post.example", "Fatima", "Haddad", "0470 00 00 10", "Kaaistraat 60",
           "9900", "Eeklo", (
        _with("Fatima", 40, NONE_FATIMA),
        _with("Amina", 12, REPLACED_AMINA),
        Member("Amir", 5),
        Member("Lina", 9),
    ), ("vervangen kaart",)),
    Family("bart.vandamme@post.example", "Bart", "Van Damme", "0470 00 00 11", "Veldstraat 101",
           "9995", "Zonnewende", (
        Member("Bart", 39),
        Member("Hanna", 11),
        Member("Wout", 9),
        Member("Ella", 3),
    ), ("gezin zonder UiTPAS",)),
    Family("inge.dubois@post.example", "Inge", "Dubois", "0470 00 00 12", "Keizersplein 14",
           "9300", "Aalst", (
        Member("Inge", 40),
        _with("Nora", 10, OTHER_REGION_NORA),
        Member("Gust", 7),
    ), ("kaart van een andere regio",)),
    Family("zeynep.aydin@post.example", "Zeynep", "Aydin", "0470 00 00 14", "Beukenlaan 8",
           "9995", "Zonnewende", (
        Member("Zeynep", 37),
        Member("Ilias", 10, COUPONS_ILIAS),
    ), ("verschillende coupons",)),
    Family("an.martens@post.example", "An", "Martens", "0470 00 00 15", "Lindendreef 40",
           "9995", "Zonnewende", (
        Member("An", 42),
        Member("Senne", 8, "", MISFIT_INSZ),
        Member("Joppe", None),
    ), ("voornaam die niet past", "kind zonder geboortedatum")),
    Family("mariama.diallo@post.example", "Mariama", "Diallo", "0470 00 00 16",
           "Stationsstraat 52", "9995", "Zonnewende", (
        Member("Mariama", 36),
        Member("Awa", 7, ACTIVE_AWA),
        Member("Moussa", 9, LIMIT_MOUSSA),
    ), ("bestelling die op UiTPAS wacht", "limiet bereikt")),
    Family("katrien.desmet@post.example", "Katrien", "De Smet", "0470 00 00 17",
           "Molenstraat 61", "9995", "Zonnewende", (
        Member("Katrien", 45),
        Member("Jule", 12, ACTIVE_JULE),
    ), ("bestelling die UiTPAS weigerde",)),
    # an organisation with a group pass, which stands with whoever comes along
    Family("speelplein@post.example", "Speelplein", "Zonnewende", "0470 00 00 13",
           "Sportlaan 3", "9995", "Zonnewende", (
        Member("Speelplein", 30, GROUP),
    ), ("groepspas",)),
)  # fmt: skip


def make_families(begin: date) -> int:
    """Every family that is not there yet; returns how many there are."""
    known = customer_ids()
    for family in FAMILIES:
        if family.email not in known:
            with write_transaction():
                customer_id = _make(family)
                for member in family.members:
                    person = add_person(customer_id, _data(family, member, begin))
                    if member.age is None:  # as it comes from an older list; no form lets it pass
                        person.birth_date = None
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
    born = birth_date(member.age or 0, begin)
    return PersonData(member.first_name, family.last_name, born, member.insz, member.number)


def birth_date(age: int, begin: date) -> date:
    """Of somebody so old on that day: four months after a birthday, to hold all programme long."""
    month = (begin.month - 5) % 12 + 1
    return date(begin.year - age - (begin.month <= 4), month, 10)
