"""Back office: family members and contacts, and what UiTPAS says of them (P1 to P4)."""

from dataclasses import replace

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import db, write_transaction
from app.formats import pass_number
from app.people.customers import find_customer
from app.people.models import Customer, Person
from app.people.passes import PassLookup, PassOutcome, check_pass, look_up_pass_by_insz
from app.people.persons import add_person as add_to_family
from app.people.persons import get_person, update_person
from app.people.problems import PersonRefused
from app.people.searching import (
    PersonFilter,
    TariffFilter,
    UitpasFilter,
    looks_like_insz,
    search_persons,
)
from app.sales.leaving import leaving_problems
from app.sales.leaving import remove_person as take_out
from app.settings.audit import record
from app.settings.privacy import insz_allowed
from app.settings.uit import get_modules
from app.web.access import Access, allow, needs
from app.web.arguments import choice_argument, page_argument, text_argument
from app.web.backoffice import backoffice
from app.web.exports import EXPORTS, Column, Kind, Row
from app.web.insz_addresses import insz_not_here
from app.web.local_paths import local_path
from app.web.number_field import (
    Typed,
    after_saving,
    number_hint,
    number_notices,
    resolve_number,
)
from app.web.pages import is_fragment, page
from app.web.pass_answers import (
    SAVE_FIRST,
    flash_look_up,
    pass_fragment,
    pass_refusal,
    replaced_words,
)
from app.web.person_forms import PersonForm, show_problems, tariff_line

PAGE_SIZE = 50
LOOK_UP = "zoek"
NO_INSZ_HERE = (
    "Bij deze persoon staat geen rijksregisternummer. Vul het nummer van de kaart in, of scan de "
    "identiteitskaart."
)
UITPAS_FILTERS = [
    ("", "Alle gezinsleden"),
    (UitpasFilter.HAS_NUMBER.value, "Heeft een UiTPAS-nummer"),
    (UitpasFilter.NO_NUMBER.value, "Geen UiTPAS-nummer"),
    (UitpasFilter.GROUP.value, "Groepspas"),
]
TARIFF_FILTERS = [
    ("", "Alles"),
    (TariffFilter.ACTIVE.value, "Actief"),
    (TariffFilter.ENDS_SOON.value, "Vervalt binnen 30 dagen"),
    (TariffFilter.EXPIRED.value, "Vervallen"),
    (TariffFilter.NONE.value, "Geen kansentarief"),
    (TariffFilter.UNKNOWN.value, "Niet gekend"),
]
COLUMNS = (
    Column("Naam"),
    Column("Voornaam"),
    Column("Klant", width=24),
    Column("Geboortedatum", Kind.DAY),
    Column("Postcode"),
)
UITPAS_COLUMNS = (
    Column("UiTPAS-nummer"),
    Column("Groepspas"),
    Column("Kansentarief", width=30),
    Column("Tot", Kind.MOMENT),
    Column("Nagekeken", Kind.MOMENT),
)
"""A register number is in none of them, and never will be."""


@backoffice.get("/gezinsleden")
@allow(Access.ADMIN, Access.CASHIER)
def persons() -> Response:
    """Everybody who can take part, filtered on UiTPAS (P4)."""
    wanted = _filter()
    found = db.paginate(
        search_persons(wanted), page=page_argument(), per_page=PAGE_SIZE, error_out=False
    )
    return page(
        "backoffice/persons.html",
        found=found,
        text=wanted.text,
        filtered=not wanted.is_empty,
        chosen=_chosen(wanted),
        uitpas_options=UITPAS_FILTERS,
        tariff_options=TARIFF_FILTERS,
        tariff_line=tariff_line,
    )


@backoffice.get("/gezinsleden/export.<kind>")
@allow(Access.ADMIN)
def export_persons(kind: str) -> Response:
    """The overview as a file; that it was taken is written down. Never a register number."""
    write = EXPORTS.get(kind) or abort(404)
    wanted = _filter()
    if looks_like_insz(wanted.text):
        return insz_not_here("backoffice.persons")
    found = db.session.scalars(search_persons(wanted)).all()
    with_passes = get_modules().uitpas
    columns = (*COLUMNS, *UITPAS_COLUMNS) if with_passes else COLUMNS
    rows = (_export_row(person, with_passes=with_passes) for person in found)
    answer = write("gezinsleden", columns, rows)
    with write_transaction():
        record("gezinsleden geëxporteerd", detail={"aantal": len(found), "soort": kind})
    return answer


def _export_row(person: Person, *, with_passes: bool) -> Row:
    known = (
        person.last_name,
        person.first_name,
        person.customer.name,
        person.birth_date,
        person.postal_code,
    )
    if not with_passes:
        return known
    return (
        *known,
        # as it stands on the card: of a bare number a spreadsheet would drop the zeros in front
        pass_number(person.uitpas_number),
        "ja" if person.is_group_pass else "",
        tariff_line(person).words,
        person.tariff_until,
        person.tariff_checked_at,
    )


@backoffice.route("/klanten/<int:customer_id>/gezinsleden/nieuw", methods=["GET", "POST"])
@allow(Access.ADMIN, Access.CASHIER)
def new_person(customer_id: int) -> Response:
    """Add somebody to a customer's family."""
    customer = find_customer(customer_id)
    if customer is None:
        abort(404)
    form = PersonForm()
    if not form.validate_on_submit():
        if request.method == "GET":
            form.last_name.data = customer.last_name
        return _person_page(form, customer, None)
    typed = _typed(form, customer_id, None)
    if typed.problems:
        return _person_page(form, customer, None, show_problems(form, typed.problems))
    try:
        person = add_to_family(customer_id, typed.data, by_staff=True)
    except PersonRefused as refused:
        return _person_page(form, customer, None, show_problems(form, refused.problems))
    flash(f"{person.first_name} is toegevoegd.", "success")
    person_id = person.id
    after_saving(person_id, typed, None, by_staff=True)
    onward = local_path(request.args.get("verder"))
    return redirect(onward or url_for("backoffice.edit_person", person_id=person_id), 303)


@backoffice.route("/gezinsleden/<int:person_id>", methods=["GET", "POST"])
@allow(Access.ADMIN, Access.CASHIER)
def edit_person(person_id: int) -> Response:
    """Change a person; only an admin sees the field of the register number."""
    person = _person(person_id)
    form = PersonForm()
    if not form.validate_on_submit():
        if request.method == "GET":
            form.fill_from(person)
        return _person_page(form, person.customer, person)
    customer_id, before = person.customer_id, person.uitpas_number
    typed = _typed(form, customer_id, person)
    if typed.problems:
        errors = show_problems(form, typed.problems)
        return _person_page(form, person.customer, person, errors)
    try:
        person = update_person(customer_id, person_id, typed.data, by_staff=True)
    except PersonRefused as refused:
        problems = show_problems(form, refused.problems)
        return _person_page(form, person.customer, person, problems)
    name = person.first_name
    flash(f"De gegevens van {name} zijn bewaard.", "success")
    if LOOK_UP in request.form:
        _need_look_ups()
        flash_look_up(name, _found_by_insz(person_id))
    else:
        after_saving(person_id, typed, before, by_staff=True)
    return redirect(url_for("backoffice.edit_person", person_id=person_id), 303)


@backoffice.route("/gezinsleden/<int:person_id>/verwijderen", methods=["GET", "POST"])
@allow(Access.ADMIN, Access.CASHIER)
def remove_person(person_id: int) -> Response:
    """Explain first, then take somebody out of the family."""
    person = _person(person_id)
    customer_id, name = person.customer_id, person.name
    if request.method == "GET":
        problems = leaving_problems(person_id, person.first_name)
        return page("backoffice/person_remove.html", person=person, problems=problems)
    try:
        take_out(customer_id, person_id, by_staff=True)
    except PersonRefused as refused:
        errors = [("", problem.sentence) for problem in refused.problems]
        return page("backoffice/person_remove.html", person=person, problems=[], errors=errors)
    flash(f"{name} is verwijderd.", "success")
    return redirect(url_for("backoffice.customer", customer_id=customer_id), 303)


@backoffice.post("/gezinsleden/<int:person_id>/uitpas-opzoeken")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def look_up_pass(person_id: int) -> Response | str:
    """The green circle: find the number by the register number that is kept (P2)."""
    _need_look_ups()
    name = _person(person_id).first_name
    if is_fragment():
        if request.form.get("insz", "").strip():
            return pass_refusal(SAVE_FIRST)
        look_up = _found_by_insz(person_id)
        return pass_fragment(look_up, url_for("backoffice.check_number"), inputmode="text")
    flash_look_up(name, _found_by_insz(person_id))
    return redirect(url_for("backoffice.edit_person", person_id=person_id), 303)


@backoffice.post("/gezinsleden/<int:person_id>/uitpas-vernieuwen")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def refresh_pass(person_id: int) -> Response:
    """Ask UiTPAS again: the status is kept with its moment, the points are only shown (P3)."""
    _person(person_id)
    look_up = check_pass(person_id, by_staff=True)
    person = _person(person_id)
    form = PersonForm(formdata=None)
    form.fill_from(person)
    return _person_page(form, person.customer, person, look_up=look_up)


@backoffice.post("/gezinsleden/uitpas-nummer")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def check_number() -> str:
    """What is wrong with a number that is being typed; asks nobody and keeps nothing (P1)."""
    return number_hint(by_staff=True)


def overview_address() -> str:
    """The address of the overview with the filters and the page of the request's own address."""
    pages = page_argument()
    shown = pages if pages > 1 else None
    return url_for("backoffice.persons", pagina=shown, **_chosen(_filter()))


def _filter() -> PersonFilter:
    return PersonFilter(
        text_argument("zoeken"),
        choice_argument("uitpas", UitpasFilter),
        choice_argument("kansentarief", TariffFilter),
    )


def _chosen(wanted: PersonFilter) -> dict[str, str | None]:
    return {
        "zoeken": wanted.text or None,
        "uitpas": wanted.uitpas.value if wanted.uitpas else None,
        "kansentarief": wanted.tariff.value if wanted.tariff else None,
    }


def _person(person_id: int) -> Person:
    person = get_person(person_id)
    if person is None:
        abort(404)
    return person


def _need_look_ups() -> None:
    if not get_modules().uitpas or not insz_allowed():
        abort(404)


def _found_by_insz(person_id: int) -> PassLookup:
    """The green circle; a cashier, who sees no register number, is not told to fill one in."""
    look_up = look_up_pass_by_insz(person_id)
    if look_up.outcome is PassOutcome.NO_INSZ and not current_user.is_admin:
        return replace(look_up, sentence=NO_INSZ_HERE)
    return look_up


def _typed(form: PersonForm, customer_id: int, person: Person | None) -> Typed:
    data = form.person_data(with_insz=current_user.is_admin and insz_allowed())
    return resolve_number(data, customer_id, person, by_staff=True)


def _person_page(
    form: PersonForm,
    customer: Customer,
    person: Person | None,
    errors: list[tuple[str, str]] | None = None,
    look_up: PassLookup | None = None,
) -> Response:
    return page(
        "backoffice/person.html",
        forms=[form],
        errors=errors or [],
        form=form,
        customer=customer,
        person=person,
        look_up=look_up,
        replaced=replaced_words(look_up) if look_up else "",
        notices=number_notices(person),
        onward=local_path(request.args.get("verder")),
        tariff_line=tariff_line,
    )
