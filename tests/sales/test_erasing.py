"""Erasing a person or a customer: refused while something is open, and then nothing names them."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import MetaData, func, select

from app.activities.models import Activity
from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.mail.models import MailMessage
from app.payments.models import Payment, PaymentMeans, PaymentMethod
from app.payments.requests import mark_refund_paid, register_payment
from app.people.models import Account, AccountRole, Customer, Person, Role
from app.people.pass_checks import start_run, sweep_pass_checks
from app.people.problems import PersonRefused
from app.sales import cancelling
from app.sales.basket import Choice, add_to_basket, open_basket
from app.sales.benefit_choice import choose_benefits, offers_for
from app.sales.cancelling import cancel_line
from app.sales.checkout import finish
from app.sales.erasing import erase_customer, erase_person, preview_erasing
from app.sales.leaving import remove_person
from app.sales.ledger_actions import accept_finding
from app.sales.ledger_audit import audit_ledger, audit_now
from app.sales.ledger_export import export_ledger
from app.sales.models import BasketLine, Order
from app.sales.personal_data import hand_over, personal_data
from app.sales.reconciler import reconcile
from app.sales.retention import forget_guest_passes, keep_terms
from app.settings.actor import clear_actor, set_actor
from app.settings.audit import record
from app.settings.models import AuditEntry, PubliqCall
from app.uitpas.ledger import note
from app.uitpas.models import EntryState, LedgerFinding, UitpasEntry
from tests.making import allow_insz, make_activity, make_customer, make_person
from tests.sales.checking import check_places
from tests.sales.conftest import BLOCKED, SOCIAL, Family, Publiq
from tests.sales.meanwhile import Other, before
from tests.sales.selling import long_ago, undo_elsewhere

INSZ = "15021760024"


def register(family: Family, camp: Activity, *persons: Person) -> Order:
    """The persons stand for the camp, with what publiq offers, to be paid at the desk."""
    add_to_basket(family.id, [Choice(camp.id, person.id) for person in persons], uses_uitpas=True)
    choose_benefits(family.id, {item.line.id: item.selected for item in offers_for(family.id)})
    basket = open_basket(family.id)
    assert basket is not None
    basket_id = basket.id
    end_read()
    done = finish(basket_id, family.id, PaymentMethod.DESK, terms_accepted=True)
    return db.session.get_one(Order, done.order_id, populate_existing=True)


def pay(order: Order) -> None:
    """All of it, with a note that names who paid."""
    request = order.payment_request
    assert request is not None
    request_id, amount = request.id, request.open_amount
    end_read()
    register_payment(request_id, amount, PaymentMeans.CASH, None, "van Sofie Peeters")


def pass_by(camp: Activity) -> None:
    """The camp is over."""
    with write_transaction() as session:
        session.get_one(Activity, camp.id).last_end = now() - timedelta(days=1)


def sentences(customer_id: int, person_id: int | None = None) -> list[str]:
    """Why erasing is refused, as the page says it and the use case obeys it."""
    erasure = preview_erasing(customer_id, person_id)
    assert erasure is not None
    with pytest.raises(PersonRefused) as refused:
        if person_id is None:
            erase_customer(customer_id, "op vraag")
        else:
            erase_person(customer_id, person_id, "op vraag")
    said = [problem.sentence for problem in refused.value.problems]
    assert said == [problem.sentence for problem in erasure.problems]
    return said


def dump() -> dict[str, str]:
    """Every table as text."""
    db.session.rollback()
    metadata = MetaData()
    metadata.reflect(db.engine)
    with db.engine.connect() as connection:
        return {
            table.name: json.dumps(
                [list(row) for row in connection.execute(select(table))],
                default=str,
                ensure_ascii=False,
            )
            for table in metadata.sorted_tables
        }


def test_a_registration_to_come_an_open_claim_and_the_money_back_stand_in_the_way(
    family: Family, camp: Activity
) -> None:
    order = register(family, camp, family.mira)
    number, line_ref = order.number, order.lines[0].line_ref
    to_come = "Mira Peeters is nog ingeschreven voor Winterbos-kamp. Annuleer die inschrijving"
    for said in (sentences(family.id), sentences(family.id, family.mira.id)):
        assert "nog ingeschreven" in said[0]
        assert f"Van bestelling {number} is nog € 12,00 te betalen." in said[1].replace("\xa0", " ")
    assert sentences(family.id)[0].startswith(to_come)
    pay(order)
    cancel_line(line_ref, "ziek", account_id=None, by_staff=True)
    reconcile(min_age_seconds=0)
    [said] = sentences(family.id)
    assert "terug te betalen" in said
    refund = db.session.get_one(Order, order.id).payment_request.refunds[0]
    refund_id = refund.id
    end_read()
    mark_refund_paid(refund_id, None)
    erase_customer(family.id, "op vraag")
    assert db.session.get(Customer, family.id) is None


def test_a_ledger_entry_under_way_stands_in_the_way(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    order = register(family, camp, family.mira)
    line_ref = order.lines[0].line_ref
    publiq.fault("uitpas", "plat", count=None)
    cancel_line(line_ref, "ziek", account_id=None, by_staff=True)
    reconcile(min_age_seconds=0)
    assert db.session.scalar(select(UitpasEntry.state)) is EntryState.CANCELLING
    for said in (sentences(family.id), sentences(family.id, family.mira.id)):
        assert said == [
            "Bij UiTPAS is nog iets onderweg voor deze bestellingen. Kijk in het UiTPAS-grootboek."
        ]


def test_a_sale_that_differs_at_uitpas_stands_in_the_way_until_somebody_settles_it(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    """To set it right one needs the number of the pass."""
    pay(register(family, camp, family.mira))
    pass_by(camp)
    undo_elsewhere(publiq.live_sales()[0]["id"])
    long_ago()
    audit_now()
    audit_ledger()
    for said in (sentences(family.id), sentences(family.id, family.mira.id)):
        assert len(said) == 1 and "klopt niet met UiTPAS" in said[0]
    finding_id = db.session.scalar(select(LedgerFinding.id))
    end_read()
    accept_finding(finding_id, "het gezin betaalt het verschil")
    erase_customer(family.id, "op vraag")
    assert db.session.get(Customer, family.id) is None


def test_an_order_that_waits_stands_in_the_way(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    publiq.fault("POST /ticket-sales", "antwoord-kwijt")
    publiq.fault("GET /ticket-sales", "plat", count=None)
    order = register(family, camp, family.mira)
    said = sentences(family.id)
    assert f"Bestelling {order.number} wacht nog op UiTPAS." in " ".join(said)


def test_a_person_in_a_basket_is_taken_out_first_and_a_customers_basket_goes_along(
    family: Family, camp: Activity
) -> None:
    add_to_basket(family.id, [Choice(camp.id, family.mira.id)], uses_uitpas=False)
    [said] = sentences(family.id, family.mira.id)
    assert said == "Mira zit nog in een mandje. Haal die lijn eerst weg."
    erase_customer(family.id, "op vraag")
    assert db.session.scalar(select(func.count(BasketLine.id))) == 0
    check_places()


def test_without_a_reason_nothing_is_erased(family: Family) -> None:
    for attempt in (
        lambda: erase_customer(family.id, " "),
        lambda: erase_person(family.id, family.mira.id, ""),
        lambda: hand_over(family.id, None, "", whole_insz=False),
    ):
        with pytest.raises(PersonRefused) as refused:
            attempt()
        assert refused.value.problems[0].field == "reason"


def test_who_is_not_there_is_not_erased(family: Family) -> None:
    other = make_person(make_customer("An", "Anders"))
    assert preview_erasing(999) is None
    assert preview_erasing(family.id, other.id) is None
    with pytest.raises(LookupError):
        erase_customer(999, "op vraag")
    with pytest.raises(LookupError):
        erase_person(family.id, other.id, "op vraag")


def _with_a_past(family: Family, camp: Activity) -> Order:
    """A family that left its name wherever names are kept."""
    allow_insz()
    with write_transaction() as session:
        session.get_one(Person, family.tuur.id).insz = INSZ
        record(
            "klant gewijzigd",
            subject_kind="customer",
            subject_id=family.id,
            subject_label="Sofie Peeters",
            reason="Sofie belde",
            detail={"velden": ["naam"]},
        )
        record(
            "gezinslid gewijzigd",
            subject_kind="person",
            subject_id=family.mira.id,
            subject_label="Mira Peeters",
        )
    set_actor(family.account.id, family.account.name)
    order = register(family, camp, family.mira, family.tuur)
    clear_actor()
    pay(order)
    cancel_line(order.lines[1].line_ref, "Tuur is ziek", account_id=None, by_staff=True)
    for refund in db.session.get_one(Order, order.id).payment_request.refunds:
        refund_id = refund.id
        end_read()
        mark_refund_paid(refund_id, None)
    pass_by(camp)
    return order


def test_erasing_a_customer_keeps_the_amounts_and_no_name(family: Family, camp: Activity) -> None:
    order = _with_a_past(family, camp)
    erasure = preview_erasing(family.id)
    assert erasure is not None and erasure.problems == []
    assert (erasure.orders, erasure.registrations, erasure.amount) == (1, 2, Decimal("12.00"))
    assert (erasure.persons, erasure.loses_account) == (["Mira Peeters", "Tuur Peeters"], True)
    assert erasure.mails == db.session.scalar(select(func.count(MailMessage.id))) == 2
    end_read()
    erase_customer(family.id, "op vraag van de ouder")
    words = ("Sofie", "Peeters", "Mira", "Tuur", "ouder@gezin.example", SOCIAL, "ziek")
    for table, text in dump().items():
        assert not [word for word in words if word in text], (table, text)
    left = db.session.get_one(Order, order.id)
    assert (left.customer_id, left.contact_name) == (None, "(gewist)")
    assert [line.price for line in left.lines] == [Decimal("12.00"), Decimal("60.00")]
    assert left.payment_request.paid == Decimal("12.00")
    assert db.session.scalar(select(func.sum(Payment.amount))) == Decimal("72.00")
    [exported] = export_ledger()
    assert (exported["status"], exported["uitpas_number"], exported["price"]) == (
        "confirmed",
        "",
        12.0,
    )
    assert exported["external_id"]
    last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (last.action, last.reason) == ("klant gewist", "op vraag van de ouder")
    assert db.session.scalar(select(func.count(PubliqCall.id))) > 0


def test_erasing_one_person_leaves_the_rest_of_the_family(family: Family, camp: Activity) -> None:
    order = _with_a_past(family, camp)
    erase_person(family.id, family.mira.id, "op vraag")
    tables = dump()
    for table in ("person", "order_line", "uitpas_entry", "audit_entry", "mail_message"):
        assert "Mira" not in tables[table], table
        assert SOCIAL not in tables[table], table
    assert "Tuur" in tables["person"] and "Tuur" in tables["order_line"]
    left = db.session.get_one(Order, order.id)
    assert (left.customer_id, left.contact_name) == (family.id, "Sofie Peeters")
    assert [line.person_id for line in left.lines] == [None, family.tuur.id]


def test_what_staff_wrote_about_money_and_sales_names_an_erased_person_no_more(
    family: Family, camp: Activity
) -> None:
    order = _with_a_past(family, camp)
    entry = db.session.scalars(select(UitpasEntry).order_by(UitpasEntry.id)).first()
    assert entry is not None
    with write_transaction() as session:
        note(session, entry, "Mira stond dubbel", "Kassa")
        subject = {"subject_kind": "grootboek", "subject_id": str(entry.id)}
        record("grootboek: probeer nu opnieuw", reason="Mira stond dubbel", **subject)
    erase_person(family.id, family.mira.id, "op vraag")
    erase_person(family.id, family.tuur.id, "op vraag")
    for table, text in dump().items():
        assert not [word for word in ("Mira", "Tuur") if word in text], (table, text)
    assert db.session.get_one(Order, order.id).contact_name == "Sofie Peeters"


def test_only_mails_that_name_the_person_go(family: Family) -> None:
    an = make_person(family.customer, "An")
    texts = (
        "Je kan annuleren van maandag.",
        "An\u2019s plaats ligt vast.",
        "Tot dan, AN!",
        "Anna komt.",
    )
    with write_transaction() as session:
        for text in texts:
            to = {"kind": "confirmed", "recipient": "ouder@gezin.example"}
            session.add(MailMessage(**to, subject="Bevestigd", text=text))
    erase_person(family.id, an.id, "op vraag")
    assert db.session.scalars(select(MailMessage.text).order_by(MailMessage.id)).all() == [
        texts[0],
        texts[3],
    ]


def test_a_registration_without_an_end_is_still_to_come(family: Family, camp: Activity) -> None:
    pay(register(family, camp, family.mira))
    with write_transaction() as session:
        session.get_one(Activity, camp.id).last_end = None
    for person_id in (None, family.mira.id):
        [said] = sentences(family.id, person_id)
        assert "nog ingeschreven" in said
    with pytest.raises(PersonRefused):
        remove_person(family.id, family.mira.id)


def test_nobody_is_erased_while_a_registration_is_being_cancelled(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its refund and its undo at UiTPAS would have nobody any more."""
    order = register(family, camp, family.mira)
    pay(order)
    pass_by(camp)
    publiq.fault("uitpas", "plat", count=None)
    line_ref, customer_id, person_id = order.lines[0].line_ref, family.id, family.mira.id
    end_read()
    erasers = []

    def erase_both() -> None:
        for work in (
            lambda: erase_person(customer_id, person_id, "op vraag"),
            lambda: erase_customer(customer_id, "op vraag"),
        ):
            erasers.append(Other(work))

    before(monkeypatch, cancelling, "tell_cancelled", erase_both)
    cancel_line(line_ref, "ziek", account_id=None, by_staff=True)
    for eraser in erasers:
        with pytest.raises(PersonRefused):
            eraser.end()
    assert db.session.get(Customer, customer_id) is not None
    assert db.session.scalars(select(UitpasEntry.uitpas_number)).all() == [SOCIAL]


def test_a_customer_who_is_staff_too_keeps_the_account(family: Family) -> None:
    with write_transaction() as session:
        account = session.get_one(Account, family.account.id)
        account.role_rows = [AccountRole(role=Role.CASHIER)]
    erasure = preview_erasing(family.id)
    assert erasure is not None and not erasure.loses_account
    end_read()
    erase_customer(family.id, "op vraag")
    db.session.expire_all()
    kept = db.session.get_one(Account, family.account.id)
    assert (kept.customer, kept.is_cashier) == (None, True)


def test_mails_to_an_address_that_another_customer_has_too_are_kept(family: Family) -> None:
    make_customer("Papa", "Peeters", email="ouder@gezin.example")
    with write_transaction() as session:
        session.add(
            MailMessage(kind="welcome", recipient="ouder@gezin.example", subject="x", text="y")
        )
    erase_customer(family.id, "op vraag")
    assert db.session.scalar(select(func.count(MailMessage.id))) == 1


# What is kept, to be read


def test_all_that_is_kept_of_a_customer_can_be_read(family: Family, camp: Activity) -> None:
    order = _with_a_past(family, camp)
    with write_transaction() as session:
        session.get_one(Person, family.mira.id).uitpas_number = BLOCKED
    start_run([family.mira.id])
    sweep_pass_checks()
    data = personal_data(family.id, whole_insz=True)
    assert data is not None
    text = json.dumps(data, ensure_ascii=False)
    assert data["klant"]["e-mail"] == "ouder@gezin.example"
    assert [one["voornaam"] for one in data["gezinsleden"]] == ["Mira", "Tuur"]
    assert data["gezinsleden"][1]["rijksregisternummer"] == INSZ
    [shown] = data["bestellingen"]
    assert (shown["nummer"], shown["betaling"]["betaald"][0]["bedrag"]) == (order.number, "72.00")
    line = shown["inschrijvingen"][0]
    assert (line["prijs"], line["voordeel"], line["UiTPAS-nummer"]) == (
        "12.00",
        "Kansentarief",
        SOCIAL,
    )
    assert shown["inschrijvingen"][1]["reden van annulering"] == "Tuur is ziek"
    [check] = data["gezinsleden"][0]["nagekeken bij UiTPAS"]
    assert check["wat UiTPAS zei"].startswith("Deze UiTPAS is geblokkeerd.")
    assert len(data["mails"]) == 2 and "onderwerp" in data["mails"][0]
    assert {entry["wat"] for entry in data["logboek"]} >= {
        "klant gewijzigd",
        "gezinslid gewijzigd",
        "inschrijving geannuleerd",
    }
    assert data["oproepen bij UiTPAS"]
    assert "password" not in text and "$argon2" not in text


def test_register_numbers_are_masked_unless_they_are_for_whom_they_belong_to(
    family: Family, camp: Activity
) -> None:
    _with_a_past(family, camp)
    assert INSZ not in json.dumps(personal_data(family.id))
    assert "••.••.••-•••.24" in json.dumps(personal_data(family.id), ensure_ascii=False)
    allow_insz("")
    text = json.dumps(personal_data(family.id, whole_insz=True))
    assert INSZ not in text and "wordt niet gebruikt" in text


def test_of_one_person_only_that_persons_data_are_shown(family: Family, camp: Activity) -> None:
    _with_a_past(family, camp)
    data = personal_data(family.id, family.mira.id)
    assert data is not None
    text = json.dumps(data, ensure_ascii=False)
    assert "Tuur" not in text and "klant" not in data and "mails" not in data
    assert [line["deelnemer"] for line in data["bestellingen"][0]["inschrijvingen"]] == [
        "Mira Peeters"
    ]
    stranger = make_person(make_customer("An", "Anders"))
    assert personal_data(family.id, stranger.id) is None
    assert personal_data(999) is None


def test_handing_over_is_written_down_with_the_reason(family: Family) -> None:
    allow_insz()
    assert hand_over(family.id, None, "op vraag", whole_insz=True)
    assert hand_over(family.id, family.mira.id, "op vraag", whole_insz=False)
    assert hand_over(999, None, "op vraag", whole_insz=False) is None
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.subject_kind, entry.subject_label, entry.detail) for entry in entries] == [
        ("customer", "Sofie Peeters", {"rijksregisternummers": True}),
        ("person", "Mira Peeters", {"rijksregisternummers": False}),
    ]


def test_mails_to_an_address_that_is_anothers_now_are_not_shown(
    family: Family, camp: Activity
) -> None:
    """An order keeps the address of then, and by now it may be a colleague's."""
    order = register(family, camp, family.mira)
    make_customer("An", "Anders", email="Oud@werk.example")
    with write_transaction() as session:
        session.get_one(Order, order.id).contact_email = "oud@werk.example"
        session.add(
            MailMessage(kind="x", recipient="oud@werk.example", subject="Voor An", text="x")
        )
    assert "Voor An" not in json.dumps(personal_data(family.id))


# Guests


def test_the_pass_numbers_of_guests_are_forgotten_after_thirteen_months(
    family: Family, camp: Activity
) -> None:
    order = register(family, camp, family.mira)
    other = register(family, make_activity("Ander kamp"), family.tuur)
    assert other.id != order.id
    with write_transaction() as session:
        session.get_one(Order, order.id).customer_id = None
    assert forget_guest_passes() == 0
    with time_machine.travel(now() + timedelta(days=380)):
        assert forget_guest_passes() == 0
    with time_machine.travel(now() + timedelta(days=400)):
        assert keep_terms()["guest passes"] == 1
        assert forget_guest_passes() == 0
    entry = db.session.scalars(select(UitpasEntry)).one()
    assert (entry.uitpas_number, entry.state) == ("", EntryState.REGISTERED)
    assert entry.external_id


def test_of_customers_and_of_what_is_under_way_the_numbers_stay(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    order = register(family, camp, family.mira)
    with time_machine.travel(now() + timedelta(days=800)):
        assert forget_guest_passes() == 0
    publiq.fault("uitpas", "plat", count=None)
    cancel_line(order.lines[0].line_ref, "ziek", account_id=None, by_staff=True)
    with write_transaction() as session:
        session.get_one(Order, order.id).customer_id = None
    with time_machine.travel(now() + timedelta(days=800)):
        assert forget_guest_passes() == 0
