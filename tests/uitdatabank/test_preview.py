"""What visitors will see: title, when, list, prices; and what stands in for an empty text (D2)."""

from decimal import Decimal

import pytest

from app.extensions import write_transaction
from app.settings.municipality import municipality_for_update
from app.uitdatabank.fallbacks import fallbacks
from app.uitdatabank.models import UitProfile
from app.uitdatabank.preview import preview, shortened, shown_ages, shown_prices
from tests.making import make_activity, utc
from tests.uitdatabank.support import connect

pytestmark = pytest.mark.usefixtures("app")


def test_lists_show_the_first_200_signs_on_one_line():
    assert shortened("Een week\n\nbuiten.") == "Een week buiten."
    assert shortened("x" * 200) == "x" * 200
    assert shortened("x" * 201) == "x" * 200 + "…"


def test_a_long_title_is_shown_as_publiq_gets_it():
    long = make_activity("Winterbos-kamp " * 8)
    shown = preview(long, "Tekst", "Zaal")
    assert shown.is_cut and len(shown.title) <= 90 and shown.title.endswith("…")
    assert not preview(make_activity("Kort"), "", "").is_cut


def test_the_dates_are_told_in_one_line():
    one = make_activity(dates=[(utc(2027, 1, 6, 8), utc(2027, 1, 6, 15))])
    assert preview(one, "", "").when == "wo 6 jan 2027, 9 tot 16 uur"
    days = [(utc(2027, 1, day, 8), utc(2027, 1, day, 15)) for day in (8, 6, 7)]
    assert preview(make_activity(dates=days), "", "").when == (
        "3 data, van wo 6 jan 2027 tot en met vr 8 jan 2027"
    )


def test_ages_are_told_in_words_and_as_publiq_gets_them():
    assert shown_ages(make_activity(min_age=6, max_age=12)) == ("6 tot 12 jaar", "6-12")
    assert shown_ages(make_activity()) == ("alle leeftijden", "-")


def test_exactly_one_price_is_the_base_price_and_the_others_are_tariffs():
    activity = make_activity(
        prices=[
            ("Inwoners", "60.00", ["9995"]),
            ("Gewoon", "75.00", ()),
            ("Basistarief", "50.00", ()),
        ]
    )
    shown = shown_prices(activity.price_categories)
    assert [(one.name, one.is_base, one.publiq_name) for one in shown] == [
        ("Gewoon", True, "Basistarief"),
        ("Inwoners", False, "Inwoners"),
        ("Basistarief", False, "Basistarief (2)"),
    ]
    assert shown[1].postal_codes == ("9995",) and shown[0].price == Decimal("75.00")


def test_without_a_price_for_everybody_there_is_no_base_price():
    activity = make_activity(prices=[("Inwoners", "60.00", ["9995"])])
    assert [(one.is_base, one.publiq_name) for one in shown_prices(activity.price_categories)] == [
        (False, "")
    ]


def test_an_empty_text_is_stood_in_for_by_type_link_settings_and_municipality_in_turn():
    with write_transaction():
        municipality_for_update().email = "info@zonnewende.be"
    found = fallbacks(None, "", "")
    assert (found["contact_email"].value, found["contact_email"].source) == (
        "info@zonnewende.be",
        "municipality",
    )
    connect()
    found = fallbacks(None, "", "")
    assert found["link_email"].source == found["contact_email"].source == "settings"
    of_type = UitProfile(link_email="type@z.be", link_phone="", contact_email="")
    of_type.contact_phone = of_type.contact_url = ""
    found = fallbacks(of_type, "eigen@z.be", "")
    assert (found["link_email"].value, found["link_email"].words) == ("type@z.be", "van het type")
    assert (found["contact_email"].value, found["contact_email"].source) == ("eigen@z.be", "link")
    of_type.contact_email = "vragen@z.be"
    assert fallbacks(of_type, "eigen@z.be", "")["contact_email"].value == "vragen@z.be"
    assert found["contact_url"].value == "" and found["contact_url"].words == ""
