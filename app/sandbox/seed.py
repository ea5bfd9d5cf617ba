"""The passes that a new sandbox knows: publiq's public test passholders and demo families.

`DEMO_PASSES` can be used by demo data: the numbers and INSZ numbers are invented, with valid
check digits, and exist nowhere else.
"""

import json
import uuid
from dataclasses import dataclass, field

from app.sandbox import seed_rewards, seed_uitdatabank
from app.sandbox.cardsystems import DENDER, GENT, PASPARTOE, ZONNEWENDE

NAMESPACE = uuid.UUID("6f1d3c8e-0b0a-4c55-9d0e-7a3f0f2b9995")


@dataclass(frozen=True)
class SeedPass:
    """One pass. `social` is ACTIVE, EXPIRED, SUSPENDED or NONE; `card` the state of the card."""

    number: str
    first_name: str
    insz: str = ""
    postal_code: str = "9995"
    card_system: int = ZONNEWENDE
    social: str = "NONE"
    card: str = "ACTIVE"
    points: int = 0
    chip: str = ""
    earlier: str = ""
    """The number of the card that this one replaced; it still finds the pass."""
    ends: str = "later"
    """When the social tariff ends: later, soon, or past, which with ACTIVE is a period of grace."""
    last_name: str = ""
    born: str = ""
    is_group: bool = False
    group_limit: tuple = ()
    coupons: tuple = ()
    messages: tuple = ()
    member: bool = True
    remark: str = field(default="", compare=False)


CINEMA_COUPON = {
    "id": "COUPON_2001",
    "name": "Welkomstvoordeel: eerste activiteit voor € 1,00",
    "price": "1.00",
    "volume": 1,
    "period": "ABSOLUTE",
}
HALF_COUPON = {
    "id": "COUPON_2002",
    "name": "Halve prijs op een activiteit van Zonnewende",
    "share": "0.50",
    "volume": 2,
    "period": "YEAR",
}
GUIDE_COUPON = {
    "id": "COUPON_1079",
    "name": "Cultuurbon van € 6,00",
    "off": "6.00",
    "volume": 1,
    "period": "ABSOLUTE",
}
OTHER_REGION_COUPONS = tuple(
    {"id": key, "name": name, "off": "3.00", "volume": 1, "period": "ABSOLUTE"}
    for key, name in (("COUPON_3001", "Bon Dender"), ("COUPON_3002", "Tweede bon Dender"))
)
GROUP_COUPON = {
    "id": "COUPON_1918",
    "name": "Groepsbon: halve prijs",
    "share": "0.50",
    "volume": 50,
    "period": "DAY",
}
ENDING = (
    ("WARN", "Het kansentarief op deze UiTPAS loopt binnenkort af. Vraag het tijdig opnieuw aan."),
)

NEW_CARD = (("INFO", "Je nieuwe kaart is actief. Je oude kaart mag je weggooien."),)
GRACE = (("ERROR", "Het kansentarief op deze UiTPAS is afgelopen. Je krijgt nog even uitstel."),)

DEMO_PASSES = (
    SeedPass("0910000000117", "Emma", "16051411460", social="ACTIVE", points=12,
             chip="04A1B2C3D40101", last_name="Claes", born="2016-05-14"),
    SeedPass("0910000000216", "Noah", "18090205564", social="ACTIVE", points=4,
             chip="04A1B2C3D40102", last_name="Claes", born="2018-09-02"),
    SeedPass("0910000000315", "Sofie", "88032121851", social="ACTIVE", points=31,
             chip="04A1B2C3D40103", last_name="Claes", born="1988-03-21"),
    SeedPass("0910000000406", "Mila", "15113007627", points=45, last_name="Peeters",
             born="2015-11-30"),
    SeedPass("0910000000505", "Finn", "17070803167", points=8, last_name="Peeters",
             born="2017-07-08"),
    SeedPass("0910000000612", "Yasmina", "14021714075", social="ACTIVE", points=27,
             last_name="El Amrani", born="2014-02-17", coupons=(CINEMA_COUPON,)),
    SeedPass("0910000000711", "Bilal", "12100509509", social="ACTIVE", points=16,
             last_name="El Amrani", born="2012-10-05", messages=ENDING),
    SeedPass("0910000000810", "Lotte", "13042606270", social="EXPIRED", points=22,
             last_name="Maes", born="2013-04-26", coupons=(HALF_COUPON,)),
    SeedPass("0910000000901", "Kobe", "16121920364", points=19, last_name="Maes",
             born="2016-12-19", coupons=(HALF_COUPON,)),
    SeedPass("0910000001016", "Oksana", "19011101887", social="SUSPENDED", points=3,
             last_name="Kovalenko", born="2019-01-11"),
    SeedPass("0910000001115", "Jef", "51060312723", social="ACTIVE", points=240,
             last_name="Willems", born="1951-06-03", coupons=(CINEMA_COUPON,)),
    SeedPass("0910000001214", "Nora", "16082304475", "9300", DENDER, "ACTIVE", points=10,
             last_name="Dubois", born="2016-08-23", remark="andere regio"),
    SeedPass("0910000001305", "Warre", "11030918718", card="BLOCKED", points=6,
             last_name="Jacobs", born="2011-03-09", remark="kaart geblokkeerd"),
    SeedPass("0910000001404", "Fatima", "85120131272", points=64, last_name="Haddad",
             born="1985-12-01"),
    SeedPass("0910000001719", "Amina", "14031204536", social="ACTIVE", points=9,
             earlier="0910000001602", last_name="Haddad", born="2014-03-12",
             remark="kaart vervangen", messages=NEW_CARD),
    SeedPass("0910000001818", "Ferre", "17110406287", social="ACTIVE", ends="past", points=2,
             last_name="Maes", born="2017-11-04", remark="uitstel", messages=GRACE),
    SeedPass("0910000001917", "Nour", "15062003146", social="ACTIVE", ends="soon",
             last_name="El Amrani", born="2015-06-20"),
    SeedPass("0910000002014", "Ilias", points=14, last_name="Aydin",
             coupons=(CINEMA_COUPON, HALF_COUPON), remark="verschillende coupons"),
    SeedPass("0910000002113", "Emiel", "17120530119", social="ACTIVE", last_name="Martens",
             born="2017-12-05", remark="andere voornaam bij het rijksregisternummer"),
    SeedPass("0910000002212", "Awa", social="ACTIVE", points=5, last_name="Diallo"),
    SeedPass("0910000002311", "Moussa", social="ACTIVE", points=7, last_name="Diallo",
             remark="limiet bereikt"),
    SeedPass("0910000002410", "Jule", social="ACTIVE", points=11, last_name="De Smet"),
    SeedPass("0910000001511", "Speelplein Zonnewende", social="ACTIVE", is_group=True,
             group_limit=(20, "YEAR"), remark="groepspas"),
)  # fmt: skip

# publiq's public test set; chips and INSZ numbers are part of it.
TEST_PASSES = (
    SeedPass("0900000095902", "Lien", "83030201540", "9000", GENT, points=100,
             chip="04784CDAEE3880"),
    SeedPass("0900000067513", "Georges", "36051380284", "9090", GENT, "ACTIVE", points=100,
             chip="04363CDAEE3880"),
    SeedPass("0900000031618", "Rita", "66010101785", "9000", GENT, "EXPIRED", points=5,
             chip="04CEE7528E6180"),
    SeedPass("0900010959113", "Jade", "08091860684", "9090", GENT, "ACTIVE", points=10,
             chip="04ED6ACACF6180"),
    SeedPass("0900000002312", "Mohamed", "71030360442", "9000", GENT, "ACTIVE", "BLOCKED",
             chip="04B00412F15284"),
    SeedPass("0900000058918", "Nina", "17010180147", "1000", PASPARTOE, "EXPIRED",
             chip="045157B2B63780"),
    SeedPass("1000000520006", "Bert", "80010101392", "9000", GENT, points=2,
             chip="045A4832633680"),
    SeedPass("0900000093204", "Elif", "10010105762", "9000", DENDER, "ACTIVE",
             chip="045D69DAEE3880", coupons=OTHER_REGION_COUPONS),
    # The public set gives mother and daughter the same number; both INSZ numbers find it.
    SeedPass("0900004518305", "An", "80010170282 20010170215", "9000", GENT, points=7),
    SeedPass("0900011902815", "Tom", "91063061055", "9000", GENT, "ACTIVE", points=9),
    SeedPass("0900011903417", "Lore", "15021760024", "9000", GENT, "ACTIVE", points=1),
    SeedPass("0900000074519", "", social="ACTIVE", card_system=GENT, card="LOCAL_STOCK",
             chip="044AC54A8E6180"),
    SeedPass("0900000020405", "", card_system=GENT, card="LOCAL_STOCK", chip="047E2EEA053B80"),
    SeedPass("0900000045410", "Test groep", "", "9000", GENT, "ACTIVE", chip="04D0AB6AF85C80",
             is_group=True, group_limit=(20, "YEAR")),
    SeedPass("0900000191800", "Test groep met bon", "", "9000", GENT, chip="048B25DAEE3880",
             is_group=True, group_limit=(50, "DAY"), coupons=(GROUP_COUPON,)),
    SeedPass("0900000672312", "Wim", "", "9000", GENT, "ACTIVE", points=20),
    SeedPass("0900010888817", "Sara", "", "9000", GENT, "ACTIVE", points=20,
             coupons=(GUIDE_COUPON,)),
    SeedPass("0900010630813", "Groep uit de gids", "", "9000", GENT, "ACTIVE", is_group=True,
             group_limit=(20, "YEAR")),
)  # fmt: skip


def fill(store):
    """Put everything in an empty store, in one go."""
    with store.writing():
        for seeded in TEST_PASSES + DEMO_PASSES:
            store.write(
                "INSERT INTO pass VALUES (?, ?, ?, ?)",
                *(seeded.number, seeded.insz, f"{seeded.chip} {seeded.earlier}".strip()),
                json.dumps(_document(seeded)),
            )
        seed_uitdatabank.fill(store)
        seed_rewards.fill(store)


def _document(seeded):
    return {
        "passholderId": str(uuid.uuid5(NAMESPACE, seeded.number)),
        "passType": "GROUP" if seeded.is_group else "INDIVIDUAL",
        "uitpasNumber": seeded.number,
        "firstName": seeded.first_name,
        "points": seeded.points,
        "postalCode": seeded.postal_code,
        "cardSystem": seeded.card_system,
        "social": seeded.social,
        "ends": seeded.ends,
        "card": seeded.card,
        "member": seeded.member,
        "groupLimit": list(seeded.group_limit),
        "coupons": list(seeded.coupons),
        "messages": [{"level": level, "text": text} for level, text in seeded.messages],
    }
