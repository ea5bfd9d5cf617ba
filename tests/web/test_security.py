"""What comes in from outside is never trusted: addresses, forms, sizes, and where one is sent."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app import BODY_LIMIT
from app.extensions import db, limiter, write_transaction
from app.people.accounts import account_by_email
from app.people.models import Person
from app.web.access import access_of
from app.web.local_paths import local_path
from tests.making import allow_insz, make_activity, make_customer, make_person, make_type
from tests.signing_in import PASSWORD, csrf_token, make_account, post, sign_in
from tests.web.reading import text
from tests.web.test_routes import address_of, rules

NUL = "%00"
BEYOND = (2**31, 2**63, 10**30)
"""Just beyond what PostgreSQL takes, what SQLite takes, and what nobody does."""
STRANGE_ARGUMENTS = (
    "pagina=-1",
    "pagina=0",
    "pagina=999999999",
    "pagina=%C2%B2",
    "pagina=99999999999999999999",
    "pagina=1e3",
    "zoeken=%00",
    "zoeken=%ff%fe",
    "zoeken=%25%27%22%5C",
    "van=0001-01-01&tot=9999-12-31",
    "van=2026-02-30&tot=x",
    "klant=99999999999&activiteit=%C2%B2&type=99999999999&groep=-1",
    "soort=%C2%B2&soort=99999999999&soort=%00",
    "uit=%00&status=%00&module=%00&sorteer=%00&leeftijd=%00",
    "endpoint=x&self=y&filename=z",
    "_external=1&_scheme=javascript&_method=FOO&_anchor=x",
    "event_type=%00&location=%00&organizer=%00&postal_code=%00",
    "keuze=99999999999-1&keuze=%00-1",
)
CONTROL = "Lou\r\nBcc: iedereen@voorbeeld.be\x07"


@pytest.fixture(autouse=True)
def _no_limits(app: Flask) -> None:
    limiter.reset()


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    """A beheerder who also has a family, and so may see every page."""
    make_account("beheer@test.example", ["admin"], customer=True)
    browser = app.test_client()
    sign_in(browser, "beheer@test.example")
    return browser


def pages(app: Flask) -> list[str]:
    """Every address without a gap that shows something."""
    return sorted(rule.rule for rule in rules(app) if "GET" in rule.methods and not rule.arguments)


@pytest.mark.parametrize("arguments", STRANGE_ARGUMENTS)
def test_no_page_stumbles_over_what_stands_in_its_address(
    app: Flask, admin: FlaskClient, arguments: str
) -> None:
    make_activity("Kamp")
    for path in pages(app):
        for headers in ({}, {"HX-Request": "true"}):
            answer = admin.get(f"{path}?{arguments}", headers=headers)
            assert answer.status_code < 500, f"{path}?{arguments}: {answer.status}"
            assert "javascript:" not in answer.get_data(as_text=True), path
            assert "javascript:" not in answer.headers.get("HX-Push-Url", ""), path


@pytest.mark.parametrize("number", BEYOND)
def test_an_id_that_no_database_holds_is_simply_not_found(
    app: Flask, admin: FlaskClient, number: int
) -> None:
    for rule in rules(app):
        if not any(type(c).__name__ == "RowId" for c in rule._converters.values()):
            continue
        path = address_of(rule).replace("987654", str(number))
        assert str(number) in path
        for method in sorted({"GET", "POST"} & rule.methods):
            answer = admin.get(path) if method == "GET" else post(admin, path)
            assert answer.status_code in {404, 405}, f"{method} {path}: {answer.status}"


def test_a_nul_in_an_address_is_not_found(app: Flask, admin: FlaskClient) -> None:
    for rule in rules(app):
        if "bestaat-niet" not in address_of(rule):
            continue
        path = address_of(rule).replace("bestaat-niet", f"a{NUL}b")
        for method in sorted({"GET", "POST"} & rule.methods):
            answer = admin.get(path) if method == "GET" else post(admin, path)
            assert answer.status_code in {303, 404}, f"{method} {path}: {answer.status}"


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


def _forms() -> list[tuple[str, dict[str, str], tuple[str, ...]]]:
    """(address, what fits, fields of text) of every form that keeps words."""
    person = {"first_name": "Lou", "last_name": "P", "birth_date": "21/03/2018"}
    customer = {"first_name": "An", "last_name": "Maes", "postal_code": "9000"}
    contact = ("first_name", "last_name", "phone", "street", "postal_code", "locality")
    return [
        (
            "/registreren",
            {**customer, "email": "an@test.example", "password": PASSWORD},
            (*contact, "email", "password"),
        ),
        ("/mijn/gegevens", customer, contact),
        (
            "/mijn/gezin/nieuw",
            person,
            ("first_name", "last_name", "own_postal_code", "insz", "uitpas_number", "birth_date"),
        ),
        ("/beheer/klanten/nieuw", customer, (*contact, "email")),
        ("/beheer/klanten/{customer}/bewerken", customer, (*contact, "email")),
        (
            "/beheer/klanten/{customer}/gezinsleden/nieuw",
            person,
            ("first_name", "last_name", "own_postal_code", "insz", "uitpas_number", "birth_date"),
        ),
        (
            "/beheer/gezinsleden/{person}",
            person,
            ("first_name", "last_name", "own_postal_code", "insz", "uitpas_number", "birth_date"),
        ),
        ("/beheer/gezinsleden/{person}/rijksregisternummer", {}, ("reason",)),
        (
            "/beheer/instellingen/gemeente",
            {"name": "Z", "brand_color": "#5b2365", "accent_color": "#ffc43a"},
            (
                *words("name department_name street postal_code locality email phone"),
                *words("opening_hours iban account_holder brand_color accent_color"),
                *words("terms privacy"),
            ),
        ),
        (
            "/beheer/instellingen/uit",
            {"active_environment": "sandbox", "call_log_days": "30"},
            (
                *words("default_postal_code registration_link_email registration_link_phone"),
                *words("call_log_days active_environment"),
            ),
        ),
        (
            "/beheer/instellingen/uit/oefenomgeving",
            {"client_id": "a", "client_secret": "b"},
            ("client_id", "client_secret", "registration_page_url"),
        ),
        (
            "/beheer/instellingen/medewerkers",
            {"name": "Bo", "email": "bo@test.example", "roles": "cashier"},
            ("name", "email", "roles"),
        ),
        (
            "/beheer/activiteittypes/nieuw",
            {
                "name": "Kampen",
                "module": "registration",
                "poster": "play",
                "default_capacity": "20",
                "cancel_until_days": "7",
                "refund_before_percent": "100",
                "refund_after_percent": "0",
                "prices-0-name": "Basis",
                "prices-0-price": "12",
                "prices-0-postal_codes": "9000",
            },
            (
                *words("name module poster default_capacity min_age max_age cancel_until_days"),
                *words("refund_before_percent refund_after_percent"),
                *words("prices-0-name prices-0-price prices-0-postal_codes prices-0-known_id"),
            ),
        ),
        (
            "/beheer/activiteiten/nieuw?type={type}",
            {
                "title": "Kamp",
                "capacity": "20",
                "state": "draft",
                "dates-0-day": "2030-07-01",
                "dates-0-starts": "9:00",
                "dates-0-ends": "16:00",
                "prices-0-name": "Basis",
                "prices-0-price": "12",
            },
            (
                *words("title capacity state opens_on opens_at closes_on closes_at min_age"),
                *words("max_age version dates-0-day dates-0-starts dates-0-ends_on"),
                *words("dates-0-ends dates-0-known_id prices-0-name prices-0-price"),
            ),
        ),
        ("/beheer/activiteiten/{activity}/annuleren", {}, ("reason",)),
        (
            "/beheer/activiteiten/{activity}/uitdatabank",
            {"audience": "everyone"},
            (
                *words("postal_code location location_id organizer organizer_id event_type"),
                *words("theme labels link_email link_phone description link_starts_on"),
                *words("link_ends_on audience"),
            ),
        ),
        (
            "/beheer/activiteittypes/{type}/uitdatabank",
            {"audience": "everyone"},
            ("event_type", "theme", "labels", "link_email", "link_phone", "location"),
        ),
        ("/aanmelden", {"email": "a@test.example", "password": PASSWORD}, ("email", "password")),
        ("/wachtwoord-vergeten", {"email": "a@test.example"}, ("email",)),
        (
            "/mijn/gegevens/wachtwoord",
            {"current_password": "x", "password": PASSWORD},
            ("current_password", "password"),
        ),
    ]


LONG = {"short of a name": "x" * 100, "longer than any column": "x" * 20_000}
SENT = {
    **LONG,
    "an address that is too long": "a" * 60 + "@" + "b" * 60 + ".example" * 30,
    "a NUL": "a\x00b",
    "many digits": "9" * 400,
    "digits that are no ASCII": "٣٤٥٦",
    "a bidi override and an emoji": "\u202eabc🎈",
}


@pytest.mark.parametrize("what", SENT)
def test_no_form_stumbles_over_a_field(app: Flask, admin: FlaskClient, what: str) -> None:
    """On PostgreSQL a text that does not fit its column, or holds a NUL, is an error."""
    sent = SENT[what]
    ids = _rows()
    for path, fits, fields in _forms():
        for field in fields:
            limiter.reset()
            answer = post(admin, path.format(**ids), {**fits, field: sent})
            assert answer.status_code < 500, f"{path} {field}: {answer.status}"
            if answer.status_code == 422 and what in LONG:
                assert "Fout" in text(answer), f"{path} {field}"
        if path == "/registreren" or "wachtwoord" in path:
            post(admin, "/afmelden")
            sign_in(admin, "beheer@test.example")


def _rows() -> dict[str, int]:
    allow_insz()
    customer = make_customer()
    return {
        "customer": customer.id,
        "person": make_person(customer, insz="85073003328").id,
        "type": make_type().id,
        "activity": make_activity("Kamp").id,
    }


def test_two_names_of_the_longest_kind_still_fit_the_name_of_both(
    app: Flask, client: FlaskClient
) -> None:
    answer = post(
        client,
        "/registreren",
        {
            "first_name": "v" * 100,
            "last_name": "n" * 100,
            "email": "lang@test.example",
            "postal_code": "9000",
            "password": PASSWORD,
        },
    )
    assert answer.status_code == 422
    assert "Een naam heeft hoogstens 99 tekens." in text(answer)


def test_a_line_of_text_holds_no_line_breaks(app: Flask, admin: FlaskClient) -> None:
    """Names stand in the headers of mails and in calendar files."""
    fields = {"first_name": CONTROL, "last_name": "Peeters", "birth_date": "21/03/2018"}
    assert post(admin, "/mijn/gezin/nieuw", fields).status_code == 303
    kept = db.session.scalar(select(Person.first_name))
    assert kept == "Lou Bcc: iedereen@voorbeeld.be"


@pytest.mark.parametrize("marked", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_what_people_type_stands_on_pages_as_words(
    app: Flask, admin: FlaskClient, marked: str
) -> None:
    customer = make_customer(marked, marked, street=marked, locality=marked)
    person = make_person(customer, marked, marked)
    activity = make_activity(marked, activity_type=make_type(marked))
    for path in (
        "/aanbod",
        f"/aanbod/{activity.id}-x",
        "/beheer/activiteiten",
        f"/beheer/activiteiten/{activity.id}",
        f"/beheer/activiteiten/{activity.id}/uitdatabank",
        "/beheer/klanten",
        f"/beheer/klanten/{customer.id}",
        "/beheer/gezinsleden",
        f"/beheer/gezinsleden/{person.id}",
        f"/aanbod?zoeken={marked}",
        f"/beheer/klanten?zoeken={marked}",
        f"/niet-hier/{marked}",
    ):
        body = admin.get(path, follow_redirects=True).get_data(as_text=True)
        assert "<script>alert" not in body, path
        assert "<img src=x" not in body, path


@pytest.mark.parametrize(
    "target",
    [
        "//kwaad.example",
        "/\\kwaad.example",
        "/\t/kwaad.example",
        "https://kwaad.example",
        "javascript:alert(1)",
        "kwaad.example",
        "/\r\nSet-Cookie: x",
        "\x00/beheer",
    ],
)
def test_nobody_is_sent_to_another_site(app: Flask, client: FlaskClient, target: str) -> None:
    assert local_path(target) == ""
    make_account("ouder@test.example", customer=True)
    assert sign_in(client, "ouder@test.example", onward=target).location == "/aanbod"


def test_every_form_wants_a_token_of_our_own(app: Flask, admin: FlaskClient) -> None:
    for rule in rules(app):
        if "POST" in rule.methods:
            answer = admin.post(address_of(rule), data={"x": "y"})
            assert answer.status_code == 400, rule.rule
            answer = admin.post(address_of(rule), headers={"HX-Request": "true"})
            assert answer.status_code == 400, rule.rule


def test_the_token_of_somebody_else_is_refused(app: Flask, admin: FlaskClient) -> None:
    foreign = csrf_token(app.test_client())
    answer = admin.post("/mijn/gegevens", data={"csrf_token": foreign, "first_name": "X"})
    assert answer.status_code == 400


def test_signing_in_gives_another_session_and_another_token(
    app: Flask, client: FlaskClient
) -> None:
    make_account("ouder@test.example", customer=True)
    before = csrf_token(client)
    cookie = client.get_cookie("vrijloket")
    assert cookie is not None
    sign_in(client, "ouder@test.example")
    after = client.get_cookie("vrijloket")
    assert after is not None and after.value != cookie.value
    assert client.post("/afmelden", data={"csrf_token": before}).status_code == 400


def test_the_cookie_is_for_us_alone(app: Flask, client: FlaskClient) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True
    cookie = client.get("/wachtwoord-vergeten").headers["Set-Cookie"]
    for flag in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/"):
        assert flag in cookie


def test_every_answer_carries_the_headers_that_keep_a_browser_strict(
    app: Flask, admin: FlaskClient
) -> None:
    for path in [*pages(app), "/bestaat-niet", "/aanbod/1-x"]:
        answer = admin.get(path)
        policy = answer.headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"):
            assert part in policy, path
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        if answer.mimetype == "text/html":
            assert answer.headers["Cache-Control"] == "no-store", path


@pytest.mark.parametrize("path", ["/aanmelden", "/registreren", "/bestaat-niet", "/aanbod"])
def test_a_body_that_is_too_large_gets_a_page_in_dutch(
    app: Flask, client: FlaskClient, path: str
) -> None:
    answer = client.post(path, data={"email": "x" * (BODY_LIMIT + 1)})
    assert answer.status_code in {413, 404, 405}
    if path in {"/aanmelden", "/registreren"}:
        assert answer.status_code == 413
        assert "te groot" in text(answer)
    assert '<html lang="nl-BE"' in answer.get_data(as_text=True)


def test_a_form_with_thousands_of_parts_gets_the_same_page(app: Flask, client: FlaskClient) -> None:
    fields = {f"x{number}": "1" for number in range(1500)}
    answer = client.post("/aanmelden", data=fields, content_type="multipart/form-data")
    assert answer.status_code == 413
    assert '<html lang="nl-BE"' in answer.get_data(as_text=True)


def test_an_error_of_the_database_is_not_logged_with_what_was_sent(app: Flask) -> None:
    """Numbers of passes are masked in logs, and a refused row holds one."""
    with pytest.raises(DBAPIError) as caught, write_transaction() as session:
        person = Person(
            customer_id=987654, first_name="Lou", last_name="P", uitpas_number="0900000067513"
        )
        session.add(person)
    assert "0900000067513" not in str(caught.value)


def test_a_failure_is_logged_without_numbers_and_secrets(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture, capsys: Any
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def fail() -> None:
        raise ValueError("row (85.07.30-033.28, 0900000067513, Bearer eyJhbGciOi.abcdef.ghi)")

    was = app.view_functions["shop.terms"]
    fail.__access__ = access_of(app, "shop.terms")  # type: ignore[attr-defined]
    app.view_functions["shop.terms"] = fail
    try:
        answer = client.get("/voorwaarden")
    finally:
        app.view_functions["shop.terms"] = was
    assert answer.status_code == 500
    assert "033" not in answer.get_data(as_text=True)
    logged = caplog.text + capsys.readouterr().err
    assert "ValueError" in logged
    for planted in ("85.07.30-033.28", "0900000067513", "eyJhbGciOi"):
        assert planted not in logged


def test_an_invited_colleague_gets_no_role_by_a_password_that_somebody_else_chose(
    app: Flask, admin: FlaskClient
) -> None:
    """Whoever signs up is not asked to show that the address is theirs."""
    squatter = app.test_client()
    make_account("nieuwe.collega@test.example", customer=True)
    sign_in(squatter, "nieuwe.collega@test.example")
    answer = post(
        admin,
        "/beheer/instellingen/medewerkers",
        {"name": "Collega", "email": "nieuwe.collega@test.example", "roles": ["admin"]},
    )
    assert answer.status_code == 303
    assert squatter.get("/beheer/klanten").status_code in {302, 403}
    account = account_by_email("nieuwe.collega@test.example")
    assert account is not None and account.password_hash == ""


def test_addresses_of_one_home_count_as_one(app: Flask) -> None:
    from app.web.throttling import visitor_address

    seen = set()
    for address in ("2001:db8:1:2:3::1", "2001:db8:1:2:ffff::9"):
        with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            seen.add(visitor_address())
    assert len(seen) == 1
    with app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.7"}):
        assert visitor_address() == "192.0.2.7"


def test_the_configuration_does_not_show_its_passwords(app: Flask) -> None:
    shown = repr(app.config["LOKET"])
    for name in ("database_url", "mail_url", "queue", "ratelimit_url", "secret_key"):
        assert f"{name}=" not in shown
