"""The tab says where values come from, gives them back, and tells two clerks of each other (D2)."""

import re

import pytest

from app.activities.models import ActivityType
from app.clock import now
from app.extensions import db, write_transaction
from app.settings.models import Environment
from app.uitdatabank.editing import create_activity
from app.uitdatabank.links import link_of
from app.uitdatabank.models import Audience
from app.uitdatabank.profiles import ProfileData, profile_of, profile_of_type, save_type_profile
from app.uitdatabank.publishing import publish
from tests.making import days_from_now, make_type
from tests.queries import count_queries
from tests.signing_in import make_account, post, sign_in
from tests.uitdatabank.support import CAMP, CLUB, OMNISPORT, connect, organizer_id, ready_activity
from tests.web.backoffice.test_uit_profiles import filled, tab
from tests.web.reading import error_at, text, value_of


@pytest.fixture
def admin(client):
    connect()
    make_account("beheer@loket.be", ["admin"])
    sign_in(client, "beheer@loket.be")
    return client


@pytest.fixture
def kind(admin):
    kind = make_type()
    answer = post(admin, type_tab(kind), filled(labels="bos", audience="everyone"))
    assert answer.status_code == 303, text(answer)
    return kind


def type_tab(kind):
    return f"/beheer/activiteittypes/{kind.id}/uitdatabank"


def made(kind, title="Boskamp"):
    from app.activities.editing import DateData, data_from_type

    dates = (DateData(days_from_now(9, 9), days_from_now(9, 16)),)
    return create_activity(kind.id, data_from_type(kind, title, dates=dates))


def as_shown(answer, **changes):
    """The form as the page shows it, with these changes."""
    shown = answer.get_data(as_text=True)
    fields = {
        name: value_of(answer, name)
        for name in ("version", "postal_code", "location", "location_id", "organizer")
    }
    fields["organizer_id"] = value_of(answer, "organizer_id")
    for name in ("description", "labels"):
        found = re.search(rf'<textarea[^>]*name="{name}"[^>]*>\s*(.*?)</textarea>', shown, re.S)
        fields[name] = found.group(1).strip() if found else ""
    for name in ("event_type", "theme"):
        select = re.search(rf'<select[^>]*name="{name}".*?</select>', shown, re.S).group()
        option = re.search(r'<option[^>]*selected[^>]*value="([^"]*)"', select)
        fields[name] = option.group(1) if option else ""
    audience = re.search(r'<input[^>]*\bchecked\b[^>]*name="audience"[^>]*value="(\w+)"', shown)
    link = re.search(r'<input[^>]*\bchecked\b[^>]*name="registration_link"', shown)
    return {
        **fields,
        "audience": audience.group(1) if audience else "everyone",
        **({"registration_link": "y"} if link else {}),
        "doe": "opslaan",
        **changes,
    }


def mark(answer, name):
    """What stands below a field about where its value comes from."""
    found = re.search(rf'id="herkomst-{name}">(.*?)</p>', answer.get_data(as_text=True), re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.group(1))).strip() if found else ""


def test_what_comes_from_the_type_and_the_settings_is_marked_as_such(admin, kind):
    answer = admin.get(tab(made(kind)))
    assert mark(answer, "location") == mark(answer, "organizer") == "Van het type"
    assert mark(answer, "labels") == mark(answer, "audience") == "Van het type"
    assert mark(answer, "postal_code") == "Van de instellingen"
    assert mark(answer, "link_email") == "Van de instellingen: vrijetijd@zonnewende.be"
    of_type = admin.get(type_tab(kind))
    assert mark(of_type, "postal_code") == "Van de instellingen"
    assert mark(of_type, "registration_link").startswith("Eigen waarde")


def test_an_own_value_is_marked_and_can_be_given_back_without_losing_the_rest(admin, kind):
    activity = made(kind)
    page = admin.get(tab(activity))
    post(admin, tab(activity), as_shown(page, labels="zee", audience="members"))
    page = admin.get(tab(activity))
    assert mark(page, "labels") == "Eigen waarde Volg het type voor de labels"
    assert profile_of(activity).audience is Audience.MEMBERS
    fields = as_shown(page, volg="labels", description="Nog niet bewaard.")
    del fields["doe"]
    answer = post(admin, tab(activity), fields)
    assert answer.status_code == 200
    assert "Labels volgt weer het type. Sla op om dit te bewaren." in text(answer)
    assert mark(answer, "labels") == "Van het type"
    assert "Nog niet bewaard." in text(answer) and ">bos</textarea>" in text(answer).replace(
        "> bos", ">bos"
    )
    assert profile_of(activity).labels == ["zee"], "nothing is saved by looking"
    post(admin, tab(activity), as_shown(answer))
    kept = profile_of(activity)
    assert kept.labels == ["bos"] and "labels" in kept.follows
    assert kept.description == "Nog niet bewaard." and kept.audience is Audience.MEMBERS


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("location", {"location": "", "location_id": ""}),
        ("organizer", {"organizer": CLUB, "organizer_id": organizer_id(CLUB)}),
        ("event_type", {"event_type": "0.50.4.0.0"}),
        ("theme", {"theme": ""}),
        ("audience", {"audience": "education"}),
        ("registration_link", {"registration_link": ""}),
    ],
)
def test_each_value_can_be_given_back(admin, kind, name, changes):
    activity = made(kind)
    fields = as_shown(admin.get(tab(activity)), **changes)
    if fields.get("registration_link") == "":
        del fields["registration_link"]
    post(admin, tab(activity), fields)
    assert name not in profile_of(activity).follows
    page = admin.get(tab(activity))
    given = post(admin, tab(activity), as_shown(page, volg=name))
    assert mark(given, name) == "Van het type"
    post(admin, tab(activity), as_shown(given))
    assert name in profile_of(activity).follows


def test_a_text_of_its_own_can_be_emptied_so_that_it_falls_back_again(admin, kind):
    activity = made(kind)
    page = admin.get(tab(activity))
    post(admin, tab(activity), as_shown(page, link_email="eigen@gemeente.be", link_phone=""))
    page = admin.get(tab(activity))
    assert mark(page, "link_email").startswith("Eigen waarde")
    given = post(admin, tab(activity), as_shown(page, volg="link_email", link_email="x@y.be"))
    assert value_of(given, "link_email") == ""
    assert mark(given, "link_email") == "Van de instellingen: vrijetijd@zonnewende.be"


def test_a_button_that_is_no_name_of_ours_saves_nothing_and_breaks_nothing(admin, kind):
    activity = made(kind)
    answer = post(admin, tab(activity), filled(volg="__class__", doe="opslaan"))
    assert answer.status_code == 303


def test_a_change_of_the_type_is_offered_to_who_follows_it(admin, kind):
    first, second = made(kind, "Eerste"), made(kind, "Tweede")
    post(admin, tab(first), as_shown(admin.get(tab(first)), description="Een week buiten."))
    assert publish(first.id).ok
    post(admin, type_tab(kind), as_shown(admin.get(type_tab(kind)), labels="hei"))
    sentence = (
        "2 activiteiten volgen dit type en hebben nog de vorige waarde voor labels. 1 daarvan is "
        "gepubliceerd: publiceer ze daarna opnieuw."
    )
    assert sentence in text(admin.get(type_tab(kind)))
    outdated = admin.get(tab(second))
    assert mark(outdated, "labels").startswith("Het type is intussen gewijzigd Volg het type")
    url = type_tab(kind) + "/doorgeven"
    page = admin.get(url)
    assert "Eerste" in text(page) and "Tweede" in text(page) and "Gepubliceerd" in text(page)
    done = post(
        admin,
        url,
        {"version": value_of(page, "version"), "doe": "geef-door"},
        follow_redirects=True,
    )
    assert "De wijziging is doorgegeven aan 2 activiteiten." in text(done)
    assert "1 daarvan is gepubliceerd: publiceer ze opnieuw." in text(done)
    assert sentence not in text(done)
    assert profile_of(first).labels == profile_of(second).labels == ["hei"]
    assert "Alle activiteiten zijn mee" in text(admin.get(url))


def test_activities_may_be_left_as_they_are(admin, kind):
    activity = made(kind)
    post(admin, type_tab(kind), as_shown(admin.get(type_tab(kind)), labels="hei"))
    url = type_tab(kind) + "/doorgeven"
    version = value_of(admin.get(url), "version")
    done = post(admin, url, {"version": version, "doe": "laat"}, follow_redirects=True)
    assert "1 activiteit houdt de eigen waarde." in text(done)
    assert profile_of(activity).labels == ["bos"]
    assert mark(admin.get(tab(activity)), "labels").startswith("Eigen waarde")


@pytest.mark.parametrize("version", ["", "0", "-1", "twee"])
def test_an_old_or_odd_list_is_not_passed_on(admin, kind, version):
    activity = made(kind)
    post(admin, type_tab(kind), as_shown(admin.get(type_tab(kind)), labels="hei"))
    url = type_tab(kind) + "/doorgeven"
    answer = post(admin, url, {"version": version, "doe": "geef-door"}, follow_redirects=True)
    assert "Het type is intussen opnieuw gewijzigd." in text(answer)
    assert profile_of(activity).labels == ["bos"]


def test_the_tab_of_a_type_takes_a_fixed_number_of_queries(admin, kind):
    counts, key = [], kind.id
    admin.get(type_tab(kind))  # fetches the taxonomy
    for number in (1, 6):
        for index in range(number):
            made(kind, f"Kamp {index}")
        data = ProfileData(postal_code="9995", labels=(f"label {number}",))
        save_type_profile(kind.id, data)
        db.session.remove()  # or what a session still knows would count
        kind = db.session.get(ActivityType, key)
        with count_queries() as sent:
            assert admin.get(type_tab(kind)).status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1] < 40


def test_two_clerks_on_one_tab_see_both_versions_and_the_second_may_still_save(admin, app, kind):
    activity = made(kind)
    colleague = app.test_client()
    make_account("an@loket.be", ["admin"], first_name="An", last_name="De Wit")
    sign_in(colleague, "an@loket.be")
    mine, hers = admin.get(tab(activity)), colleague.get(tab(activity))
    post(colleague, tab(activity), as_shown(hers, labels="van An", description="Tekst van An"))
    answer = post(admin, tab(activity), as_shown(mine, labels="van mij", link_phone="09 1234567"))
    assert answer.status_code == 422
    said = text(answer)
    assert "Een collega bewaarde dit tabblad terwijl jij bezig was." in said
    assert "An De Wit bewaarde dit tabblad intussen" in said
    rows = re.findall(r'<tr><th scope="row"><a href="#(\w+)">', answer.get_data(as_text=True))
    assert rows == ["description", "labels", "link_phone"]
    assert "van An" in said and "van mij" in said and "09 1234567" in said
    assert profile_of(activity).labels == ["van An"]
    again = as_shown(answer, link_phone="09 1234567")
    assert again["labels"] == "van mij", "nothing typed is lost"
    assert post(admin, tab(activity), again).status_code == 303
    kept = profile_of(activity)
    assert (kept.labels, kept.link_phone) == (["van mij"], "09 1234567")


def test_two_clerks_on_the_tab_of_a_type_are_told_too(admin, kind):
    page = admin.get(type_tab(kind))
    post(admin, type_tab(kind), as_shown(page, labels="eerst"))
    answer = post(admin, type_tab(kind), as_shown(page, labels="daarna"))
    assert answer.status_code == 422 and "Sofie Peeters bewaarde dit tabblad intussen" in text(
        answer
    )
    assert profile_of_type(kind).labels == ["eerst"]


def test_publishing_that_is_refused_does_not_make_one_compete_with_oneself(admin, kind):
    activity = made(kind)
    page = admin.get(tab(activity))
    refused = post(admin, tab(activity), as_shown(page, doe="publiceren", description=""))
    assert refused.status_code == 422
    answer = post(admin, tab(activity), as_shown(refused, description="Nu wel.", doe="publiceren"))
    assert answer.status_code == 303, text(answer)
    assert link_of(activity.id).event_id


def test_a_frozen_organizer_is_text_with_its_reason_and_no_other_is_taken(admin):
    activity = ready_activity()
    assert publish(activity.id).ok
    with write_transaction():
        link_of(activity.id, Environment.SANDBOX).organizer_fixed_at = now()
    page = admin.get(tab(activity))
    assert "Er zijn al kaarten met UiTPAS verkocht: de organisator ligt vast." in text(page)
    assert 'role="combobox" aria-autocomplete="list"' in page.get_data(as_text=True)
    assert not re.search(r'<input[^>]*id="organizer"[^>]*role="combobox"', text(page))
    changes = {"organizer": CLUB, "organizer_id": organizer_id(CLUB)}
    answer = post(admin, tab(activity), as_shown(page, **changes))
    assert answer.status_code == 422
    assert "de organisator niet meer wijzigen" in error_at(answer, "organizer")
    assert post(admin, tab(activity), as_shown(page, description="Anders.")).status_code == 303
    db.session.expire_all()
    assert profile_of(activity).organizer_id == organizer_id()


def test_all_subthemas_can_be_shown_and_any_is_accepted(admin, kind):
    activity = made(kind)
    page = admin.get(tab(activity))
    assert "1.8.3.1.0" not in page.get_data(as_text=True)
    shown = post(admin, tab(activity), as_shown(page, zoek="alle-subthemas"))
    assert shown.status_code == 200 and 'value="1.8.3.1.0"' in shown.get_data(as_text=True)
    assert "Horen bij dit thema" in text(shown)
    fields = as_shown(shown, theme="1.8.3.1.0", all_themes="1")
    assert post(admin, tab(activity), fields).status_code == 303
    assert profile_of(activity).theme == "1.8.3.1.0"
    assert 'value="1.8.3.1.0"' in admin.get(tab(activity)).get_data(as_text=True)
    fewer = post(admin, tab(activity), as_shown(shown, zoek="deze-subthemas", all_themes="1"))
    assert 'value="1.8.3.1.0"' not in fewer.get_data(as_text=True)
    by_htmx = admin.get(
        f"/beheer/uitdatabank/subthemas?event_type={CAMP}&theme={OMNISPORT}&alle=1&blijf=1"
    )
    assert 'value="1.8.3.1.0"' in text(by_htmx)
    assert re.search(rf'selected[^>]*value="{OMNISPORT}"', text(by_htmx)), "the choice stays"
