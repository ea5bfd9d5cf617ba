"""Inschrijvingsgroepen: making and changing them, their period, and their overview (C1, R6)."""

import threading
from datetime import time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.activities.groups import GroupData, group_with_period
from app.activities.models import Activity, ActivityState, RegistrationGroup, UitStatus
from app.activities.problems import ActivityRefused
from app.activities.registering import activity_problems
from app.clock import from_local, today
from app.extensions import db, end_read, write_transaction
from app.sales.models import OrderLine
from app.settings.models import AuditEntry
from app.uitdatabank.editing import save_group
from app.uitdatabank.publishing import publish
from tests.making import days_from_now, make_activity, make_type
from tests.queries import count_queries
from tests.sales.conftest import Family, publish_as
from tests.uitdatabank.support import connect, ready_activity
from tests.web.backoffice.staff_client import post, signed_in, words
from tests.web.reading import error_at, text, value_of
from tests.web.shop.steps import choose, finish, orders, take_benefit, text_of

NEW = "/beheer/inschrijvingsgroepen/nieuw"
OPENS = today() + timedelta(days=3)


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    return signed_in(app, "admin")


def groups() -> list[RegistrationGroup]:
    return list(db.session.scalars(select(RegistrationGroup).order_by(RegistrationGroup.id)))


def read_anew(activity: Activity) -> Activity:
    end_read()
    return db.session.scalars(
        select(Activity).where(Activity.id == activity.id).execution_options(populate_existing=True)
    ).one()


def filled_in(*activities: Activity, name: str = "Zomer", **fields: str) -> dict[str, object]:
    return {"name": name, "id": [str(one.id) for one in activities], **fields}


class TestMaking:
    def test_a_group_is_made_with_its_activities_and_its_overview_is_shown(
        self, admin: FlaskClient
    ) -> None:
        camps = [make_activity("Zwemkamp"), make_activity("Kookkamp")]
        answer = post(admin, NEW, filled_in(*camps), follow_redirects=True)
        (group,) = groups()
        assert answer.request.args["groep"] == str(group.id)
        assert [one.title for one in group.activities] == ["Zwemkamp", "Kookkamp"]
        shown = text_of(answer)
        assert "De groep ‘Zomer’ is bewaard." in shown
        assert "Inschrijvingen: Zomer" in shown
        assert "Elke activiteit heeft haar eigen inschrijvingsperiode." in shown
        assert db.session.scalar(
            select(AuditEntry.id).where(AuditEntry.action == "inschrijvingsgroep bewaard")
        )

    def test_activities_are_looked_for_in_the_form_and_nothing_typed_is_lost(
        self, admin: FlaskClient
    ) -> None:
        chosen, found = make_activity("Zwemkamp"), make_activity("Kookkamp")
        make_activity("Dansles")
        make_activity("Oud kookkamp", dates=[(days_from_now(-9), days_from_now(-9, 16))])
        answer = post(
            admin,
            NEW,
            filled_in(chosen, stap="zoeken", zoeken="kook", opens_on="geen dag", opens_at="9"),
        )
        assert answer.status_code == 200, "looking is no mistake"
        page = answer.get_data(as_text=True)
        assert f'value="{chosen.id}" aria-label="Zwemkamp' in page
        assert f'value="{found.id}" aria-label="Kookkamp' in page
        assert "Dansles" not in page and "Oud kookkamp" not in page
        assert page.index("Zwemkamp") < page.index("Kookkamp")
        assert [value_of(answer, name) for name in ("name", "opens_on", "opens_at")] == [
            "Zomer",
            "geen dag",
            "09:00",
        ]
        assert groups() == []

    def test_without_words_the_search_gives_what_is_coming(self, admin: FlaskClient) -> None:
        make_activity("Zwemkamp")
        shown = text_of(post(admin, NEW, filled_in(stap="zoeken", zoeken="")))
        assert "Zwemkamp" in shown
        nothing = text_of(post(admin, NEW, filled_in(stap="zoeken", zoeken="bestaat niet")))
        assert "Geen andere activiteiten gevonden" in nothing

    def test_what_was_ticked_in_the_list_of_activities_begins_a_group(
        self, admin: FlaskClient
    ) -> None:
        camp = make_activity("Zwemkamp")
        assert 'name="stap" value="kiezen"' in words(admin.get("/beheer/activiteiten"))
        answer = post(admin, NEW, {"id": [str(camp.id)], "stap": "kiezen"})
        assert answer.status_code == 200
        assert "In de groep: 1" in text_of(answer)

    @pytest.mark.parametrize(
        ("fields", "field", "sentence"),
        [
            ({"name": " "}, "name", "Geef de groep een naam."),
            ({"name": "x" * 201}, "name", "Kort de naam in tot 200 tekens."),
            ({"id": []}, "activities", "Kies minstens één activiteit"),
            ({"id": ["99999", "x"]}, "activities", "Kies minstens één activiteit"),
            ({"opens_at": "9"}, "opens_on", "Kies ook de dag."),
            ({"opens_on": "31/02/2027"}, "opens_on", "bestaat niet"),
            (
                {"opens_on": "2/03/2027", "closes_on": "1/03/2027"},
                "closes_on",
                "De inschrijvingen sluiten voor ze starten.",
            ),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field_and_what_was_chosen_stays(
        self, admin: FlaskClient, fields: dict, field: str, sentence: str
    ) -> None:
        camp = make_activity("Zwemkamp")
        sent = {**filled_in(camp), **fields}
        answer = post(admin, NEW, sent)
        assert answer.status_code == 422
        assert sentence in error_at(answer, field)
        assert f'href="#{field}"' in answer.get_data(as_text=True)
        if sent["id"] == [str(camp.id)]:
            assert f'value="{camp.id}" aria-label="Zwemkamp' in answer.get_data(as_text=True)
        assert groups() == []

    def test_all_that_is_wrong_is_said_at_once(self, admin: FlaskClient) -> None:
        answer = post(admin, NEW, {"name": "", "opens_on": "morgen"})
        for field in ("name", "opens_on", "activities"):
            assert error_at(answer, field)

    def test_two_groups_of_one_name_are_refused(self, admin: FlaskClient) -> None:
        camp = make_activity("Zwemkamp")
        post(admin, NEW, filled_in(camp))
        answer = post(admin, NEW, filled_in(camp))
        assert "Er is al een groep met deze naam." in error_at(answer, "name")
        assert len(groups()) == 1

    def test_removing_a_group_leaves_its_activities(self, admin: FlaskClient) -> None:
        camp = make_activity("Zwemkamp")
        post(admin, NEW, filled_in(camp))
        group_id = groups()[0].id
        address = f"/beheer/inschrijvingsgroepen/{group_id}/verwijderen"
        assert "Zomer" in text_of(post(admin, address, follow_redirects=True))
        assert groups() == []
        assert read_anew(camp).title == "Zwemkamp"
        assert post(admin, address).status_code == 404


class TestPeriod:
    """Invariant: in a group with a period an activity has precisely that period."""

    def test_the_period_of_the_group_holds_for_its_activities(self, admin: FlaskClient) -> None:
        camp = make_activity("Zwemkamp", registration_closes_at=days_from_now(9))
        version = camp.version
        post(admin, NEW, filled_in(camp, opens_on=OPENS.isoformat(), opens_at="9.30"))
        after = read_anew(camp)
        assert after.registration_opens_at == from_local(OPENS, time(9, 30))
        assert after.registration_closes_at is None, "the group leaves this open"
        assert after.version == version + 1
        (problem,) = activity_problems(after)
        assert problem.kind == "not_open_yet"
        assert "Inschrijven kan vanaf" in words(
            admin.get(f"/beheer/inschrijvingen?groep={groups()[0].id}")
        )

    def test_a_group_without_a_period_leaves_that_of_its_activities(
        self, admin: FlaskClient
    ) -> None:
        camp = make_activity("Zwemkamp", registration_closes_at=days_from_now(9))
        post(admin, NEW, filled_in(camp))
        assert read_anew(camp).registration_closes_at == days_from_now(9)

    def test_the_page_of_the_activity_says_where_its_period_comes_from(
        self, admin: FlaskClient
    ) -> None:
        camp = make_activity("Zwemkamp")
        address = f"/beheer/activiteiten/{camp.id}"
        assert 'name="opens_on"' in admin.get(address).get_data(as_text=True)
        post(admin, NEW, filled_in(camp, opens_on=OPENS.isoformat()))
        page = admin.get(address)
        assert 'name="opens_on"' not in page.get_data(as_text=True)
        assert "Dat zegt de groep Zomer." in text_of(page)

    def test_saving_the_activity_keeps_the_period_of_its_group_whatever_is_sent(
        self, admin: FlaskClient
    ) -> None:
        camp = make_activity("Zwemkamp")
        post(admin, NEW, filled_in(camp, opens_on=OPENS.isoformat()))
        day = camp.dates[0].starts_at.date()
        sent = {
            "title": "Zwemkamp voor durvers",
            "capacity": "20",
            "state": "online",
            "version": str(read_anew(camp).version),
            "opens_on": "2020-01-01",
            "closes_on": "2020-02-01",
            "dates-0-known_id": str(camp.dates[0].id),
            "dates-0-day": day.isoformat(),
            "dates-0-starts": "9",
            "dates-0-ends": "16",
            "prices-0-name": "Basistarief",
            "prices-0-price": "60",
        }
        answer = post(admin, f"/beheer/activiteiten/{camp.id}", sent)
        assert answer.status_code == 303, text(answer)
        after = read_anew(camp)
        assert after.title == "Zwemkamp voor durvers"
        assert after.registration_opens_at == from_local(OPENS, time(0))
        assert after.registration_closes_at is None

    def test_no_activity_is_in_two_groups_with_a_period(self, admin: FlaskClient) -> None:
        camp, other = make_activity("Zwemkamp"), make_activity("Kookkamp")
        post(admin, NEW, filled_in(camp, opens_on=OPENS.isoformat()))
        sent = filled_in(other, camp, name="Water", closes_on=OPENS.isoformat())
        answer = post(admin, NEW, sent)
        said = error_at(answer, "activities")
        assert "‘Zwemkamp’" in said and "de groep ‘Zomer’" in said
        assert len(groups()) == 1
        assert post(admin, NEW, filled_in(other, camp, name="Water")).status_code == 303
        water = groups()[1]
        later = post(
            admin, f"/beheer/inschrijvingsgroepen/{water.id}", {**sent, "id": [str(camp.id)]}
        )
        assert "‘Zwemkamp’" in error_at(later, "activities")

    def test_two_clerks_at_once_do_not_give_an_activity_two_periods(self, app: Flask) -> None:
        camp_id = make_activity("Zwemkamp").id
        end_read()
        start, refused = threading.Barrier(2), []

        def save(name: str) -> None:
            with app.app_context():
                start.wait()
                try:
                    save_group(None, GroupData(name, [camp_id], closes_at=days_from_now(5)))
                except ActivityRefused as error:
                    refused.extend(error.problems)
                db.session.remove()

        threads = [threading.Thread(target=save, args=(name,)) for name in ("Een", "Twee")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [problem.kind for problem in refused] == ["other_period"]
        assert group_with_period(camp_id) is not None
        assert len(groups()) == 1

    def test_who_leaves_the_group_keeps_the_period_and_gets_its_fields_back(
        self, admin: FlaskClient
    ) -> None:
        camp, other = make_activity("Zwemkamp"), make_activity("Kookkamp")
        post(admin, NEW, filled_in(camp, other, opens_on=OPENS.isoformat()))
        address = f"/beheer/inschrijvingsgroepen/{groups()[0].id}"
        shown = admin.get(address)
        assert value_of(shown, "opens_on") == OPENS.isoformat()
        post(admin, address, filled_in(other, opens_on=(OPENS + timedelta(days=1)).isoformat()))
        assert read_anew(camp).registration_opens_at == from_local(OPENS, time(0))
        assert read_anew(other).registration_opens_at == from_local(
            OPENS + timedelta(days=1), time(0)
        )
        assert 'name="opens_on"' in words(admin.get(f"/beheer/activiteiten/{camp.id}"))

    def test_what_was_published_with_another_period_counts_as_changed(
        self, app: Flask, admin: FlaskClient
    ) -> None:
        connect()
        activity = ready_activity(profile={"registration_link": True})
        publish(activity.id)
        assert read_anew(activity).uit_status is UitStatus.PUBLISHED
        post(admin, NEW, filled_in(activity, opens_on=OPENS.isoformat()))
        assert read_anew(activity).uit_status is UitStatus.CHANGED
        status = read_anew(activity).uit_status
        post(admin, f"/beheer/inschrijvingsgroepen/{groups()[0].id}", filled_in(activity))
        assert read_anew(activity).uit_status is status, "without a period nothing changes"

    def test_a_group_that_a_colleague_removed_meanwhile_is_not_found(
        self, admin: FlaskClient
    ) -> None:
        assert post(admin, "/beheer/inschrijvingsgroepen/99", filled_in()).status_code == 404
        with pytest.raises(LookupError):
            save_group(99, GroupData("Weg", [make_activity("Zwemkamp").id]))


class TestOverview:
    def test_it_marks_who_has_a_benefit_with_an_icon_and_a_word_and_counts_them(
        self, app: Flask, parent: FlaskClient, camp: Activity, family: Family
    ) -> None:
        other = make_activity("Kookkamp", dates=[(days_from_now(40), days_from_now(40, 16))])
        choose(parent, camp, family.mira, uitpas="ja")
        take_benefit(parent)
        choose(parent, other, family.tuur)
        finish(parent)
        group_id = save_group(None, GroupData("Zomer", [camp.id, other.id]))
        outside = make_activity("Dansles")
        cashier = signed_in(app, "cashier")
        answer = cashier.get(f"/beheer/inschrijvingen?groep={group_id}")
        shown = text_of(answer)
        assert "Met kansentarief 1" in shown
        assert "Inschrijvingen 2" in shown
        assert "1 / 5" in shown and "1 / 20" in shown
        assert outside.title not in shown
        page = answer.get_data(as_text=True)
        assert page.count('#pass"') >= 2, "in the row of the activity and of the registration"
        assert "Mira Peeters" in shown and "Tuur Peeters" in shown
        one = text_of(cashier.get(f"/beheer/inschrijvingen?groep={group_id}&activiteit={other.id}"))
        assert "Tuur Peeters" in one and "Mira Peeters" not in one
        assert "Groep aanpassen" not in shown, "a cashier changes no groups"

    def test_a_cancelled_registration_counts_no_longer(
        self, app: Flask, parent: FlaskClient, camp: Activity, family: Family
    ) -> None:
        choose(parent, camp, family.mira, uitpas="ja")
        take_benefit(parent)
        finish(parent)
        group_id = save_group(None, GroupData("Zomer", [camp.id]))
        (line,) = orders()[-1].lines
        post(parent, f"/mijn/inschrijvingen/{line.line_ref}/annuleren")
        shown = text_of(signed_in(app, "cashier").get(f"/beheer/inschrijvingen?groep={group_id}"))
        assert "Met kansentarief" not in shown
        assert "0 / 5" in shown

    def test_more_activities_and_registrations_cost_no_more_queries(
        self, app: Flask, parent: FlaskClient, family: Family
    ) -> None:
        admin = signed_in(app, "admin")
        kind = make_type("Kamp")
        first = make_activity("Eerste", activity_type=kind)
        choose(parent, first, family.tuur)
        finish(parent)
        group_id = save_group(None, GroupData("Zomer", [first.id]))
        address = f"/beheer/inschrijvingen?groep={group_id}"

        def queries() -> int:
            with count_queries() as sent:
                assert admin.get(address).status_code == 200
            return len(sent)

        few = queries()
        more = [make_activity(f"Kamp {number}", activity_type=kind) for number in range(8)]
        for activity in more:
            choose(parent, activity, family.tuur, family.mira)
        finish(parent)
        save_group(group_id, GroupData("Zomer", [first.id, *(one.id for one in more)]))
        assert db.session.scalar(select(func.count(OrderLine.id))) == 17
        end_read()
        assert queries() == few

    def test_the_list_of_groups_takes_as_many_queries_however_many_there_are(
        self, app: Flask, admin: FlaskClient
    ) -> None:
        camp = make_activity("Zwemkamp")
        save_group(None, GroupData("A", [camp.id]))
        with count_queries() as few:
            admin.get("/beheer/inschrijvingsgroepen")
        for number in range(9):
            save_group(None, GroupData(f"B{number}", [camp.id]))
        with count_queries() as many:
            assert "B8" in text_of(admin.get("/beheer/inschrijvingsgroepen"))
        assert len(many) == len(few)

    def test_a_cashier_sees_the_groups_and_changes_none(self, app: Flask) -> None:
        group_id = save_group(None, GroupData("Zomer", [make_activity("Zwemkamp").id]))
        cashier = signed_in(app, "cashier")
        shown = text_of(cashier.get("/beheer/inschrijvingsgroepen"))
        assert "Zomer" in shown and "Nieuwe groep" not in shown
        assert cashier.get(f"/beheer/inschrijvingsgroepen/{group_id}").status_code == 403
        assert post(cashier, NEW, filled_in()).status_code == 403

    def test_with_uitpas_off_the_overview_names_no_benefit(
        self, app: Flask, parent: FlaskClient, camp: Activity, family: Family
    ) -> None:
        from tests.web.test_modules import switch_off

        choose(parent, camp, family.mira, uitpas="ja")
        take_benefit(parent)
        finish(parent)
        group_id = save_group(None, GroupData("Zomer", [camp.id]))
        switch_off("uitpas")
        shown = text_of(signed_in(app, "admin").get(f"/beheer/inschrijvingen?groep={group_id}"))
        assert "kansentarief" not in shown.lower() and "voordeel" not in shown.lower()


def test_a_draft_can_be_in_a_group_and_a_group_leads_to_nothing_that_is_not_there(
    app: Flask, admin: FlaskClient
) -> None:
    draft = make_activity("Zwemkamp", state=ActivityState.DRAFT)
    group_id = save_group(None, GroupData("Zomer", [publish_as(draft).id]))
    assert "Zwemkamp" in text_of(admin.get(f"/beheer/inschrijvingen?groep={group_id}"))
    assert admin.get("/beheer/inschrijvingen?groep=987654").status_code == 200
    with write_transaction() as session:
        session.delete(session.get_one(Activity, draft.id))
    shown = text_of(admin.get(f"/beheer/inschrijvingen?groep={group_id}"))
    assert "Er zit geen activiteit meer in deze groep." in shown
