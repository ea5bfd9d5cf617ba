"""Staff register on behalf of a customer, through requests as a clerk sends them."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.activities.models import Activity, Module, PlacePool
from app.clock import now
from app.extensions import db, limiter, write_transaction
from app.people.models import Customer, Person
from app.sales.models import Basket, Order, OrderState
from app.settings.models import AuditEntry
from app.settings.uit import uit_settings_for_update
from tests.making import (
    allow_insz,
    days_from_now,
    make_activity,
    make_customer,
    make_person,
    make_type,
)
from tests.queries import count_queries
from tests.sales.conftest import ONCE_A_WEEK, SOCIAL_TOO, Family, Publiq, publish_as
from tests.signing_in import make_account, post, sign_in
from tests.web.reading import error_at, text, value_of
from tests.web.shop.steps import choose, lines, text_of

WHY = "Broer van een deelnemer"
INSZ = "15021760024"
"""Of publiq's test holder Lore, whose pass is SOCIAL_TOO."""


@pytest.fixture
def clerk(app: Flask, connected: None) -> FlaskClient:
    """A browser in which a cashier signed in."""
    return browser_of(app, "kassa@gemeente.example", "cashier", first_name="Karin")


def browser_of(app: Flask, email: str, *roles: str, **fields: str) -> FlaskClient:
    limiter.reset()
    make_account(email, roles, **fields)
    browser = app.test_client()
    sign_in(browser, email)
    return browser


def start_of(family: Family, activity: Activity | None = None) -> str:
    """The address of step 1, or of the choice of an activity."""
    path = f"/beheer/klanten/{family.id}/inschrijven"
    return f"{path}/{activity.id}" if activity else path


def tick(clerk: FlaskClient, family: Family, activity: Activity, *persons: Person, **fields):
    """Step 1: tick these persons; ``reason`` for each of them."""
    data = {
        "keuze": [f"{activity.id}-{person.id}" for person in persons],
        "uitpas": fields.pop("uitpas", "nee"),
    }
    reason = fields.pop("reason", None)
    if reason is not None:
        data |= {f"reden-{activity.id}-{person.id}": reason for person in persons}
    return post(clerk, start_of(family, activity), data | fields)


def take_benefit(clerk: FlaskClient, family: Family):
    """Step 2: take what is preselected."""
    url = f"{start_of(family)}/voordelen"
    shown = clerk.get(url).get_data(as_text=True)
    chosen = dict(
        re.findall(r'type="radio"[^>]*name="(voordeel-\d+)" value="([^"]*)" checked', shown)
    )
    chosen |= dict(re.findall(r'type="hidden" name="(voordeel-\d+)" value="([^"]*)"', shown))
    return post(clerk, url, chosen)


def finish(clerk: FlaskClient, family: Family, **changes: str):
    """Afronden, to be paid at the desk, with the terms ticked."""
    found = lines()
    fields = {
        "mandje": str(found[-1].basket_id) if found else "0",
        "betaalwijze": "desk",
        "voorwaarden": "ja",
    }
    return post(clerk, f"{start_of(family)}/afronden", fields | changes)


def full_activity(title: str = "Klein atelier", **fields) -> Activity:
    """An activity whose one place another family holds for a day."""
    from app.sales.basket import Choice, add_to_basket

    activity = make_activity(title, capacity=1, **fields)
    noor = make_person(make_customer("An", "Claes", email="an@elders.example"), "Noor")
    add_to_basket(noor.customer_id, [Choice(activity.id, noor.id)], False)
    with write_transaction() as session:
        session.execute(update(Basket).values(held_until=days_from_now(1)))
    return activity


def pool_of(activity: Activity) -> tuple[int, int]:
    """(taken, capacity)."""
    row = db.session.execute(
        select(PlacePool.taken, PlacePool.capacity).where(PlacePool.activity_id == activity.id)
    ).one()
    return tuple(row)


def latest_order() -> Order:
    return db.session.scalars(select(Order).order_by(Order.id.desc()).limit(1)).one()


# The whole way


def test_a_cashier_registers_a_child_with_its_social_tariff_from_the_activity_on(
    clerk: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    overview = text(clerk.get(f"/beheer/inschrijvingen?activiteit={camp.id}"))
    assert f'href="/beheer/inschrijvingen/nieuw?activiteit={camp.id}"' in overview
    found = text(clerk.get(f"/beheer/inschrijvingen/nieuw?activiteit={camp.id}&zoeken=Peeters"))
    assert f'href="{start_of(family, camp)}"' in found
    assert "Mira Peeters" in text(clerk.get(start_of(family, camp)))
    answer = tick(clerk, family, camp, family.mira, family.tuur, uitpas="ja")
    assert answer.location == f"{start_of(family)}/voordelen"
    assert take_benefit(clerk, family).location == f"{start_of(family)}/mandje"
    basket = text_of(clerk.get(f"{start_of(family)}/mandje"))
    assert "Kansentarief" in basket and "Mira Peeters" in basket and "Tuur Peeters" in basket
    answer = finish(clerk, family)
    order = latest_order()
    assert answer.location == f"/beheer/bestellingen/{order.number}"
    assert order.state is OrderState.CONFIRMED
    assert len(publiq.live_sales()) == 1
    shown = text_of(clerk.get(answer.location))
    assert "ingeschreven door Karin Peeters" in shown
    assert "Gelukt, de inschrijving is bevestigd. De klant krijgt ook een mail." in shown
    (line, *_rest) = order.lines
    detail = text_of(clerk.get(f"/beheer/inschrijvingen/{line.line_ref}"))
    assert "Ingeschreven door Karin Peeters" in detail


def test_the_customer_sees_the_order_that_staff_made(
    app: Flask, clerk: FlaskClient, parent: FlaskClient, family: Family, camp: Activity
) -> None:
    tick(clerk, family, camp, family.tuur)
    finish(clerk, family)
    number = latest_order().number
    assert number in text(parent.get("/mijn"))
    assert parent.get(f"/mijn/bestellingen/{number}").status_code == 200
    assert "ingeschreven namens een klant" in list(db.session.scalars(select(AuditEntry.action)))


def test_the_basket_of_a_clerk_is_neither_the_parents_nor_a_colleagues(
    app: Flask, clerk: FlaskClient, parent: FlaskClient, family: Family, camp: Activity
) -> None:
    colleague = browser_of(app, "kassa2@gemeente.example", "cashier")
    tick(clerk, family, camp, family.tuur)
    url = f"{start_of(family)}/mandje"
    (line,) = lines()
    assert "Tuur Peeters" in text(clerk.get(url))
    assert "Het mandje is leeg" in text(colleague.get(url))
    assert "Je mandje is leeg" in text(parent.get("/mandje"))
    for browser, address in (
        (colleague, f"{url}/{line.id}/weghalen"),
        (parent, f"/mandje/{line.id}/weghalen"),
    ):
        post(browser, address)
    assert len(lines()) == 1
    assert finish(colleague, family).status_code == 422
    post(parent, "/afrekenen", {"mandje": str(line.basket_id), "betaalwijze": "desk"})
    assert db.session.scalars(select(Order)).all() == []
    assert "(1)" in text_of(clerk.get(f"/beheer/klanten/{family.id}"))
    assert "Naar het mandje" not in text_of(colleague.get(f"/beheer/klanten/{family.id}"))


def test_a_parent_whose_child_is_being_registered_at_the_desk_hears_it(
    clerk: FlaskClient, parent: FlaskClient, family: Family, camp: Activity
) -> None:
    tick(clerk, family, camp, family.tuur)
    answer = choose(parent, camp, family.tuur)
    assert answer.status_code == 422
    assert "Tuur wordt hiervoor nu aan het loket ingeschreven." in text(answer)


def test_from_the_desk_one_chooses_the_customer_and_then_the_activity(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    assert 'href="/beheer/inschrijvingen/nieuw"' in text(clerk.get("/kassa/"))
    found = text(clerk.get("/beheer/inschrijvingen/nieuw?zoeken=peeters"))
    assert f'href="{start_of(family)}"' in found
    offer = text(clerk.get(start_of(family)))
    assert f'href="{start_of(family, camp)}"' in offer


def test_activities_are_found_by_words_also_those_whose_period_is_over(
    clerk: FlaskClient, family: Family
) -> None:
    kind = make_type("Zwemlessen")
    late = make_activity(
        "Crawl", activity_type=kind, registration_closes_at=days_from_now(-1), capacity=3
    )
    early = make_activity("Schoolslag", registration_opens_at=days_from_now(3))
    ticketing = make_type("Theater", module=Module.TICKETING)
    make_activity("Voorstelling", activity_type=ticketing)
    make_activity("Voorbij", dates=[(days_from_now(-3), days_from_now(-2))])
    shown = text_of(clerk.get(start_of(family)))
    assert "De inschrijvingen sloten op" in shown and "De inschrijvingen starten op" in shown
    assert "Voorstelling" not in shown and "Voorbij" not in shown
    found = text(clerk.get(f"{start_of(family)}?zoeken=zwemles crawl"))
    assert start_of(family, late) in found and start_of(family, early) not in found
    assert "Geen activiteiten gevonden" in text(clerk.get(f"{start_of(family)}?zoeken=schaken"))


def test_a_new_customer_is_made_on_the_way_and_so_is_a_child(
    clerk: FlaskClient, camp: Activity
) -> None:
    answer = post(
        clerk,
        f"/beheer/klanten/nieuw?activiteit={camp.id}",
        {"first_name": "Omer", "last_name": "Wils", "postal_code": "9000"},
    )
    customer = db.session.scalars(select(Customer)).one()
    here = f"/beheer/klanten/{customer.id}/inschrijven/{camp.id}"
    assert answer.location == here
    shown = clerk.get(here).get_data(as_text=True)
    assert "Voeg eerst een gezinslid toe. Daarna kom je hier terug." in shown
    way = re.search(r'href="(/beheer/klanten/\d+/gezinsleden/nieuw\?verder=[^"]+)"', shown)
    assert way is not None
    answer = post(
        clerk, way.group(1), {"first_name": "Lou", "last_name": "", "birth_date": "21/03/2018"}
    )
    assert answer.location == here
    assert "Lou Wils" in text(clerk.get(here))


def test_a_way_back_to_another_site_is_not_followed(clerk: FlaskClient, family: Family) -> None:
    answer = post(
        clerk,
        f"/beheer/klanten/{family.id}/gezinsleden/nieuw?verder=//elders.example/",
        {"first_name": "Lou", "last_name": "", "birth_date": "21/03/2018"},
    )
    assert answer.location.startswith("/beheer/gezinsleden/")


# Beyond the rules


def test_a_full_activity_asks_a_reason_at_the_child_and_keeps_what_was_typed(
    clerk: FlaskClient, family: Family
) -> None:
    activity = full_activity()
    field = f"reden-{activity.id}-{family.tuur.id}"
    shown = text(clerk.get(start_of(family, activity)))
    assert "Er zijn geen plaatsen vrij." in shown and f'name="{field}"' in shown
    answer = tick(clerk, family, activity, family.tuur, reason="  ")
    assert answer.status_code == 422
    assert "Geef een reden op om Tuur toch in te schrijven." in error_at(answer, field)
    assert f'href="#{field}"' in text(answer)
    assert f'id="keuze-{activity.id}-{family.tuur.id}"' in text(answer)
    assert pool_of(activity) == (1, 1)
    answer = tick(clerk, family, activity, family.tuur, reason=WHY)
    assert answer.location == f"{start_of(family)}/mandje"
    assert pool_of(activity) == (2, 2)
    assert f"Uitzondering: {WHY}" in text_of(clerk.get(answer.location))
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "uitzondering bij inschrijven")
    ).one()
    assert (entry.account_name, entry.reason) == ("Karin Peeters", WHY)
    finish(clerk, family)
    (line,) = latest_order().lines
    detail = text_of(clerk.get(f"/beheer/inschrijvingen/{line.line_ref}"))
    assert "Uitzondering boven het aantal plaatsen" in detail and WHY in detail


def test_places_that_go_between_looking_and_choosing_bring_the_field_of_the_reason(
    clerk: FlaskClient, family: Family
) -> None:
    activity = full_activity()
    answer = tick(clerk, family, activity, family.tuur)  # the page still had a place
    assert answer.status_code == 422
    assert f'name="reden-{activity.id}-{family.tuur.id}"' in text(answer)


def test_all_problems_are_shown_and_one_reason_settles_what_may_be_settled(
    clerk: FlaskClient, family: Family
) -> None:
    activity = full_activity()
    with write_transaction() as session:
        stored = session.get_one(Activity, activity.id)
        stored.min_age, stored.registration_closes_at = 12, days_from_now(-1)
    shown = text_of(clerk.get(start_of(family, activity)))
    for words in ("De inschrijvingen sloten op", "is nog te jong op de eerste dag", "Volzet"):
        assert words in shown
    tick(clerk, family, activity, family.tuur, reason=WHY)
    assert finish(clerk, family).status_code == 303
    (line,) = latest_order().lines
    assert line.overridden == ["closed", "too_young", "full"]


def test_what_no_reason_settles_cannot_be_ticked(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    tick(clerk, family, camp, family.tuur)
    finish(clerk, family)
    shown = clerk.get(start_of(family, camp)).get_data(as_text=True)
    box = re.search(rf'<input[^>]*id="keuze-{camp.id}-{family.tuur.id}"[^>]*>', shown)
    assert box is not None and " disabled" in box.group()
    assert "Tuur is al ingeschreven." in shown
    answer = tick(clerk, family, camp, family.tuur, reason=WHY)
    assert answer.status_code == 422
    assert "Tuur is al ingeschreven." in text(answer)


def test_a_missing_reason_is_told_together_with_the_missing_answer_about_uitpas(
    clerk: FlaskClient, family: Family
) -> None:
    activity = publish_as(make_activity("Circus", min_age=12, prices=[("Gewoon", "9.00", ())]))
    answer = tick(clerk, family, activity, family.tuur, uitpas="")
    assert answer.status_code == 422
    assert "Kies of er een UiTPAS gebruikt wordt." in text(answer)
    assert "Geef een reden op om Tuur toch in te schrijven." in text(answer)


def test_a_reason_and_a_price_stay_when_something_else_is_wrong(
    clerk: FlaskClient, family: Family
) -> None:
    activity = publish_as(
        make_activity(
            "Circus", min_age=12, prices=[("Gewoon", "9.00", ()), ("Sociaal", "2.00", ())]
        )
    )
    key = f"{activity.id}-{family.tuur.id}"
    dear = activity.price_categories[0].id
    answer = tick(
        clerk,
        family,
        activity,
        family.tuur,
        uitpas="",
        reason=WHY,
        **{f"categorie-{key}": str(dear)},
    )
    assert answer.status_code == 422
    assert "Kies of er een UiTPAS gebruikt wordt." in text(answer)
    assert value_of(answer, f"reden-{key}") == WHY
    assert f'<option value="{dear}" selected>' in text(answer)
    assert re.search(rf'id="keuze-{key}"[^>]* checked', text(answer))


def test_a_reason_that_is_too_long_is_said_at_its_field(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    answer = tick(clerk, family, camp, family.tuur, reason="x" * 501)
    field = f"reden-{camp.id}-{family.tuur.id}"
    assert error_at(answer, field) == "Hou de reden onder 500 tekens."
    assert value_of(answer, field) == "x" * 501


def test_staff_choose_the_price_where_none_is_the_childs(
    clerk: FlaskClient, family: Family
) -> None:
    activity = make_activity("Zwemmen", prices=[("Inwoners", "20.00", ["1000"])])
    field = f"categorie-{activity.id}-{family.tuur.id}"
    assert "Kies een prijs" in text(clerk.get(start_of(family, activity)))
    answer = tick(clerk, family, activity, family.tuur, **{field: ""})
    assert "Of kies zelf een prijs." in error_at(answer, field)
    price = activity.price_categories[0].id
    tick(clerk, family, activity, family.tuur, **{field: str(price)})
    assert finish(clerk, family).status_code == 303
    (line,) = latest_order().lines
    assert (line.category_name, str(line.price)) == ("Inwoners", "20.00")


def test_nobody_chosen_is_said(clerk: FlaskClient, family: Family, camp: Activity) -> None:
    answer = tick(clerk, family, camp)
    assert answer.status_code == 422
    assert "Kies minstens één persoon." in error_at(answer, "wie")


@pytest.mark.parametrize("sent", ["1-2-3", "x-1", "999999-1", "1", ""])
def test_nonsense_in_the_form_is_nobody_chosen(
    clerk: FlaskClient, family: Family, camp: Activity, sent: str
) -> None:
    answer = post(
        clerk,
        start_of(family, camp),
        {"keuze": sent, "uitpas": "nee", f"reden-{camp.id}-²": "x", f"categorie-{camp.id}-1": "²"},
    )
    assert answer.status_code == 422


# Numbers and benefits


def line_with_pass(clerk: FlaskClient, family: Family, camp: Activity) -> int:
    tick(clerk, family, camp, family.tuur, uitpas="ja")
    return lines()[-1].id


def look_up(clerk: FlaskClient, family: Family, line_id: int, typed: str):
    url = f"{start_of(family)}/voordelen/{line_id}/nummer"
    return post(clerk, url, {f"nummer-{line_id}": typed})


def test_a_register_number_finds_the_pass_and_only_the_pass_is_kept(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    allow_insz()
    with write_transaction() as session:
        session.get_one(Person, family.tuur.id).first_name = "Lore"
    line_id = line_with_pass(clerk, family, camp)
    answer = look_up(clerk, family, line_id, INSZ)
    assert answer.location == f"{start_of(family)}/voordelen#lijn-{line_id}"
    (line,) = lines()
    assert line.uitpas_number == line.person.uitpas_number == SOCIAL_TOO
    assert line.person.insz is None
    assert line.person.tariff_checked_at is not None
    assert INSZ not in clerk.get(answer.location).get_data(as_text=True)


def test_a_card_that_was_replaced_gives_the_new_number_and_that_is_said(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    line_id = line_with_pass(clerk, family, camp)
    answer = look_up(clerk, family, line_id, "0910 000 001 602")
    assert lines()[-1].uitpas_number == "0910000001719"
    assert "Deze kaart is vervangen." in text(clerk.get(answer.location))


def test_a_register_number_of_somebody_else_is_refused_at_the_field(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    allow_insz()
    line_id = line_with_pass(clerk, family, camp)
    answer = look_up(clerk, family, line_id, INSZ)
    assert answer.status_code == 422
    assert "staat een andere voornaam" in error_at(answer, f"nummer-{line_id}")
    assert lines()[-1].uitpas_number is None


def test_a_number_that_uitpas_does_not_know_stays_at_its_field(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    line_id = line_with_pass(clerk, family, camp)
    answer = look_up(clerk, family, line_id, "0900000000000")
    assert answer.status_code == 422
    assert error_at(answer, f"nummer-{line_id}")
    assert value_of(answer, f"nummer-{line_id}") == "0900 000 000 000", "as it stands on the card"


def test_look_ups_by_staff_are_not_counted_as_the_publics(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    line_id = line_with_pass(clerk, family, camp)
    for _ in range(12):
        answer = look_up(clerk, family, line_id, "123")
    assert "heeft er 13" in error_at(answer, f"nummer-{line_id}")
    for _ in range(12):
        look_up(clerk, family, line_id, "0900000000000")
    assert look_up(clerk, family, line_id, SOCIAL_TOO).status_code == 303


def test_staff_never_read_that_they_looked_up_too_often(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    allow_insz()
    lou = make_person(family.customer, "Lou", insz=INSZ)
    tick(clerk, family, camp, family.tuur, lou, family.mira, uitpas="ja")
    tuur, _lou, mira = (line.id for line in lines())
    url = f"{start_of(family)}/voordelen"
    other_name = "Bij dit rijksregisternummer staat een andere voornaam."
    first = text_of(look_up(clerk, family, tuur, "123"))
    assert "al vaak een nummer op" not in first and other_name not in first
    assert other_name in text_of(clerk.get(url))
    for answer in (
        look_up(clerk, family, tuur, "123"),
        post(clerk, url, {f"voordeel-{mira}": "verzonnen"}),
    ):
        assert answer.status_code == 422
        said = text_of(answer)
        assert "al vaak een nummer op" not in said and other_name in said


def test_a_pass_is_used_also_when_passes_cannot_be_read(
    clerk: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    line_id = line_with_pass(clerk, family, camp)
    publiq.fault("GET /passes/{uitpasNumber}", "fout-500", count=None)
    assert look_up(clerk, family, line_id, SOCIAL_TOO).status_code == 303
    assert lines()[-1].uitpas_number == SOCIAL_TOO


def test_what_uitpas_refuses_comes_back_in_publiqs_words_with_the_place(
    clerk: FlaskClient, family: Family, publiq: Publiq
) -> None:
    activity = publish_as(full_activity("Circusinitiatie"), ONCE_A_WEEK)
    tick(clerk, family, activity, family.mira, uitpas="ja", reason=WHY)
    take_benefit(clerk, family)
    publiq.fault("POST /ticket-sales", "geweigerd", problem="uitpas/maximum-reached")
    answer = finish(clerk, family)
    assert answer.status_code == 422
    (line,) = [one for one in lines() if one.person_id == family.mira.id]
    assert line.message and line.message in text(answer)
    assert pool_of(activity) == (2, 2)
    assert finish(clerk, family, mandje=str(line.basket_id)).status_code == 303
    assert len(publiq.live_sales()) == 1


def test_uitpas_being_down_does_not_stop_the_desk(
    clerk: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    publiq.fault("alles", "verbroken", count=None)
    tick(clerk, family, camp, family.mira, uitpas="ja")
    shown = text_of(clerk.get(f"{start_of(family)}/voordelen"))
    assert "UiTPAS antwoordt nu niet" in shown
    take_benefit(clerk, family)
    assert finish(clerk, family).status_code == 303


def test_a_basket_where_a_benefit_is_to_be_chosen_leads_there(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    tick(clerk, family, camp, family.mira, uitpas="ja")
    assert finish(clerk, family).location == f"{start_of(family)}/voordelen"


def test_without_the_module_nothing_of_uitpas_is_asked_or_said(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    tick(clerk, family, camp, family.mira, uitpas="ja")
    take_benefit(clerk, family)
    with write_transaction():
        settings = uit_settings_for_update()
        settings.uitpas_on = settings.coupons_on = settings.rewards_on = False
    answer = finish(clerk, family)
    assert answer.location == f"{start_of(family)}/mandje"
    assert clerk.get(f"{start_of(family)}/voordelen").status_code == 404
    other = make_activity("Zwemmen")
    for address in (start_of(family, other), start_of(family), "/beheer/inschrijvingen/nieuw"):
        assert not re.search("UiTPAS|[Kk]ansentarief|[Cc]oupon", text_of(clerk.get(address)))
    assert finish(clerk, family).location.startswith("/beheer/bestellingen/")


# Finishing


def test_finishing_asks_how_the_customer_pays_and_that_it_agrees(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    tick(clerk, family, camp, family.tuur)
    answer = finish(clerk, family, betaalwijze="", voorwaarden="")
    assert answer.status_code == 422
    assert error_at(answer, "betaalwijze") == "Kies hoe de klant betaalt."
    sentence = "Vink aan dat de klant akkoord gaat met de voorwaarden."
    assert error_at(answer, "voorwaarden") == sentence
    answer = finish(clerk, family, betaalwijze="transfer", voorwaarden="")
    assert re.search(r'id="betaalwijze-transfer"[^>]* checked', text(answer))


def test_finishing_twice_lands_on_the_same_order(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    tick(clerk, family, camp, family.tuur)
    basket_id = str(lines()[-1].basket_id)
    first = finish(clerk, family, mandje=basket_id)
    second = finish(clerk, family, mandje=basket_id)
    assert first.location == second.location
    assert len(db.session.scalars(select(Order)).all()) == 1


def test_a_customer_without_an_address_is_said_to_get_no_mail(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    with write_transaction() as session:
        session.get_one(Customer, family.id).email = ""
    tick(clerk, family, camp, family.tuur)
    assert "geen e-mailadres" in text(clerk.get(f"{start_of(family)}/mandje"))
    answer = finish(clerk, family)
    assert "dus er gaat geen mail" in text(clerk.get(answer.location))


def test_when_the_time_is_over_the_places_are_held_again_with_the_same_reason(
    clerk: FlaskClient, family: Family
) -> None:
    from app.sales.holds import release_lapsed_holds

    activity = full_activity()
    tick(clerk, family, activity, family.tuur, reason=WHY)
    with write_transaction() as session:
        session.execute(
            update(Basket).where(Basket.made_by_id.is_not(None)).values(held_until=now())
        )
    release_lapsed_holds()
    assert pool_of(activity) == (1, 1)
    url = f"{start_of(family)}/mandje"
    assert "De plaatsen liggen niet meer vast" in text(clerk.get(url))
    answer = post(clerk, f"{url}/opnieuw")
    assert "De plaatsen liggen opnieuw vast." in text(clerk.get(answer.location))
    assert pool_of(activity) == (2, 2)
    post(clerk, f"{url}/{lines()[-1].id}/weghalen")
    assert pool_of(activity) == (1, 1)
    assert "In de laatste minuut" in text(clerk.get(post(clerk, f"{url}/langer").location))


# Who may, and what it costs


@pytest.mark.parametrize("who", ["parent", "monitor", "stranger"])
def test_others_do_not_register_on_behalf(
    app: Flask, parent: FlaskClient, family: Family, camp: Activity, who: str
) -> None:
    browser = {
        "parent": lambda: parent,
        "monitor": lambda: browser_of(app, "monitor@gemeente.example", "monitor"),
        "stranger": app.test_client,
    }[who]()
    refused = 302 if who == "stranger" else 403
    for address in (
        "/beheer/inschrijvingen/nieuw",
        start_of(family),
        start_of(family, camp),
        f"{start_of(family)}/voordelen",
        f"{start_of(family)}/mandje",
    ):
        assert browser.get(address).status_code == refused, address
    assert tick(browser, family, camp, family.tuur, reason=WHY).status_code == refused
    assert finish(browser, family).status_code == refused
    assert lines() == []


def test_a_customer_or_activity_that_is_not_there_is_not_found(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    theater = make_activity("Theater", activity_type=make_type("T", module=Module.TICKETING))
    for address in (
        "/beheer/klanten/999/inschrijven",
        f"/beheer/klanten/999/inschrijven/{camp.id}",
        "/beheer/klanten/999/inschrijven/mandje",
        start_of(family, theater),
        f"{start_of(family)}/999",
        "/beheer/inschrijvingen/nieuw?activiteit=999",
    ):
        assert clerk.get(address).status_code == 404, address


def test_a_child_of_another_family_is_nobody_here(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    other = make_person(make_customer("An", "Claes"), "Noor")
    assert tick(clerk, family, camp, other).status_code == 422
    assert lines() == []


def test_a_cashier_sees_no_register_number_on_the_way(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    allow_insz()
    with write_transaction() as session:
        person = session.get_one(Person, family.tuur.id)
        person.insz = INSZ
    tick(clerk, family, camp, family.mira, uitpas="ja")
    for address in (
        start_of(family, camp),
        f"{start_of(family)}/voordelen",
        f"{start_of(family)}/mandje",
        "/beheer/inschrijvingen/nieuw?zoeken=Peeters",
    ):
        shown = clerk.get(address).get_data(as_text=True)
        assert INSZ not in shown and "15.02.17" not in shown
    answer = clerk.get(f"/beheer/inschrijvingen/nieuw?zoeken={INSZ}")
    assert INSZ not in answer.get_data(as_text=True)


def test_the_lists_ask_no_more_for_more_rows(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    addresses = (
        start_of(family),
        start_of(family, camp),
        "/beheer/inschrijvingen/nieuw?zoeken=e",
    )
    for number in range(2):
        make_activity(f"Kamp {number}")
        make_person(make_customer("Een", f"Klant {number}"), "Kind")
    few = []
    for address in addresses:
        clerk.get(address)
        with count_queries() as sent:
            clerk.get(address)
        few.append(len(sent))
    for number in range(12):
        make_activity(f"Dag {number}")
        make_person(family.customer, f"Kind {number}")
        make_person(make_customer("Een", f"Gezin {number}"), "Kind")
    for address, before in zip(addresses, few, strict=True):
        with count_queries() as sent:
            assert clerk.get(address).status_code == 200
        assert len(sent) <= before, address
        assert before < 30


def test_a_basket_asks_no_more_for_more_lines(
    clerk: FlaskClient, family: Family, camp: Activity
) -> None:
    url = f"{start_of(family)}/mandje"
    tick(clerk, family, camp, family.tuur)
    clerk.get(url)
    with count_queries() as few:
        clerk.get(url)
    for number in range(8):
        tick(clerk, family, make_activity(f"Dag {number}"), family.tuur, family.mira)
    with count_queries() as many:
        clerk.get(url)
    assert len(many) <= len(few) < 30


def test_the_form_of_the_activity_says_that_its_places_were_raised(
    app: Flask, clerk: FlaskClient, family: Family
) -> None:
    admin = browser_of(app, "beheer@gemeente.example", "admin")
    activity = full_activity()
    url = f"/beheer/activiteiten/{activity.id}"
    assert "boven het aantal" not in text(admin.get(url))
    tick(clerk, family, activity, family.tuur, reason=WHY)
    assert "Medewerkers gingen 1 boven het aantal" in text(admin.get(url))
