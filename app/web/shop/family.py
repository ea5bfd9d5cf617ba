"""Shop: the family and the details of the one who signed in (C2, P1, P2)."""

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import Length

from app.people.accounts import AccountProblem, change_password
from app.people.customers import CustomerData, customer_of_account
from app.people.models import Person
from app.people.passes import TOO_OFTEN, look_up_pass_by_insz
from app.people.persons import add_person as add_to_family
from app.people.persons import find_person, persons_of, update_person
from app.people.problems import PersonRefused
from app.sales.leaving import leaving_problems
from app.sales.leaving import remove_person as take_out
from app.settings.privacy import insz_allowed
from app.settings.uit import get_modules
from app.web import throttling
from app.web.access import Access, allow, needs
from app.web.auth import begin_session
from app.web.customers import customer_details_first, own_customer_id
from app.web.forms import FIRST_NAME, LAST_NAME, Form, PostalCode, Required
from app.web.local_paths import local_path
from app.web.number_field import (
    Typed,
    after_saving,
    number_hint,
    number_notices,
    resolve_number,
)
from app.web.pages import is_fragment, page
from app.web.pass_answers import SAVE_FIRST, flash_look_up, pass_fragment, pass_refusal
from app.web.person_forms import PersonForm, show_problems
from app.web.shop import shop

LOOK_UP = "zoek"
"""Name of the button of the green circle, which without script sends the whole form."""


class DetailsForm(Form):
    """What a customer tells of itself; the e-mail address is changed at the desk."""

    first_name = StringField("Voornaam", [Required("Vul je voornaam in."), FIRST_NAME])
    last_name = StringField("Naam", [Required("Vul je naam in."), LAST_NAME])
    phone = StringField("Telefoon", [Length(max=40)])
    street = StringField("Straat en nummer", [Length(max=200)])
    postal_code = StringField(
        "Postcode", [Required("Vul je postcode in: ze bepaalt mee de prijs."), PostalCode()]
    )
    locality = StringField("Gemeente", [Length(max=100)])


class ChangePasswordForm(Form):
    """The present password, so that a phone left lying about cannot change it."""

    current_password = PasswordField(
        "Huidig wachtwoord", [Required("Vul je huidige wachtwoord in.")]
    )
    password = PasswordField("Nieuw wachtwoord", [Required("Kies een nieuw wachtwoord.")])


@shop.get("/mijn/gezin")
@allow(Access.SIGNED_IN)
def family() -> Response:
    """Everybody of the family, with what is known for UiTPAS."""
    if current_user.customer is None:
        return customer_details_first()
    return page("shop/family.html", persons=persons_of(own_customer_id()))


@shop.route("/mijn/gezin/nieuw", methods=["GET", "POST"])
@allow(Access.CUSTOMER)
def add_person() -> Response:
    """Add somebody to the family, and go on to where one was."""
    onward = local_path(request.args.get("verder"))
    form = PersonForm()
    if not form.validate_on_submit():
        if request.method == "GET":
            form.last_name.data = current_user.customer.last_name
        return _person_page(form, None, onward)
    typed = _typed(form, None)
    if typed.problems:
        return _person_page(form, None, onward, show_problems(form, typed.problems))
    try:
        person = add_to_family(own_customer_id(), typed.data)
    except PersonRefused as refused:
        return _person_page(form, None, onward, show_problems(form, refused.problems))
    flash(f"{person.first_name} staat bij je gezin.", "success")
    if LOOK_UP in request.form and not person.uitpas_number:
        _look_up(person)
    else:
        after_saving(person.id, typed, None, by_staff=False)
    return redirect(onward or url_for("shop.family"), 303)


@shop.route("/mijn/gezin/<int:person_id>", methods=["GET", "POST"])
@allow(Access.CUSTOMER)
def edit_person(person_id: int) -> Response:
    """Change somebody of the family; a stranger's is not found."""
    onward = local_path(request.args.get("verder"))
    person = _own_person(person_id)
    form = PersonForm()
    if not form.validate_on_submit():
        if request.method == "GET":
            form.fill_from(person)
        return _person_page(form, person, onward)
    typed, before = _typed(form, person), person.uitpas_number
    if typed.problems:
        return _person_page(form, person, onward, show_problems(form, typed.problems))
    try:
        person = update_person(own_customer_id(), person_id, typed.data)
    except PersonRefused as refused:
        return _person_page(form, person, onward, show_problems(form, refused.problems))
    flash(f"De gegevens van {person.first_name} zijn bewaard.", "success")
    if LOOK_UP in request.form:
        _look_up(person)
        return redirect(
            url_for("shop.edit_person", person_id=person_id, verder=onward or None), 303
        )
    after_saving(person_id, typed, before, by_staff=False)
    return redirect(onward or url_for("shop.family"), 303)


@shop.route("/mijn/gezin/<int:person_id>/verwijderen", methods=["GET", "POST"])
@allow(Access.CUSTOMER)
def remove_person(person_id: int) -> Response:
    """Explain first, then take somebody out of the family."""
    person = _own_person(person_id)
    name = person.first_name
    if request.method == "GET":
        problems = leaving_problems(person_id, name)
        return page("shop/person_remove.html", person=person, problems=problems)
    try:
        if not take_out(own_customer_id(), person_id):
            abort(404)
    except PersonRefused as refused:
        errors = [("", problem.sentence) for problem in refused.problems]
        return page("shop/person_remove.html", person=person, problems=[], errors=errors)
    flash(f"{name} staat niet meer bij je gezin.", "success")
    return redirect(url_for("shop.family"), 303)


@shop.post("/mijn/gezin/<int:person_id>/uitpas-opzoeken")
@allow(Access.CUSTOMER)
@needs("uitpas")
def look_up_pass(person_id: int) -> Response | str:
    """The green circle: find the number by the register number that is kept (P2)."""
    _need_look_ups()
    person = _own_person(person_id)
    if is_fragment():
        if request.form.get("insz", "").strip():
            return pass_refusal(SAVE_FIRST)
        if not _may_look_up():
            return pass_refusal(str(TOO_OFTEN))
        look_up = look_up_pass_by_insz(person_id, for_public=True)
        return pass_fragment(look_up, url_for("shop.check_number"))
    _look_up(person)
    return redirect(url_for("shop.family"), 303)


@shop.post("/mijn/uitpas-nummer")
@allow(Access.SIGNED_IN)
@needs("uitpas")
def check_number() -> str:
    """What is wrong with a number that is being typed; asks nobody and keeps nothing (P1)."""
    return number_hint(by_staff=False)


@shop.route("/mijn/gegevens", methods=["GET", "POST"])
@allow(Access.SIGNED_IN)
def my_details() -> Response:
    """The customer's own details; an account of staff becomes a customer by them."""
    onward = local_path(request.args.get("verder"))
    form = DetailsForm()
    if not form.validate_on_submit():
        if request.method == "GET" and current_user.customer is not None:
            for field in form:
                if field.name != "csrf_token":
                    field.data = getattr(current_user.customer, field.name)
        return _details_page(form, ChangePasswordForm(formdata=None), [form], onward)
    data = {name: value or "" for name, value in form.data.items() if name != "csrf_token"}
    customer_of_account(current_user.account.id, CustomerData(**data))
    flash("Je gegevens zijn bewaard.", "success")
    return redirect(onward or url_for("shop.my_details"), 303)


@shop.post("/mijn/gegevens/wachtwoord")
@allow(Access.SIGNED_IN)
def new_password() -> Response:
    """Choose another password: every other device is signed out."""
    form, account = ChangePasswordForm(), current_user.account
    account_id, email = account.id, account.email
    if form.validate():
        if not throttling.may_try_to_sign_in(email):
            form.current_password.errors = [
                "Dit lukte te vaak niet. Probeer het over een kwartier."
            ]
            return _details_page(_shown_details(), form, [form], "", status=429)
        try:
            started = change_password(account_id, form.current_password.data, form.password.data)
        except AccountProblem as problem:
            if problem.field == "current_password":
                throttling.sign_in_failed(email)
            form[problem.field].errors = [problem.sentence]
        else:
            throttling.sign_in_succeeded(email)
            begin_session(started)
            flash("Je wachtwoord is gewijzigd. Andere toestellen zijn afgemeld.", "success")
            return redirect(url_for("shop.my_details"), 303)
    return _details_page(_shown_details(), form, [form], "")


def _own_person(person_id: int) -> Person:
    person = find_person(own_customer_id(), person_id)
    if person is None:
        abort(404)
    return person


def _need_look_ups() -> None:
    if not get_modules().uitpas or not insz_allowed():
        abort(404)


def _may_look_up() -> bool:
    return throttling.may_look_up_pass(current_user.account.id)


def _look_up(person: Person) -> None:
    """Look up for a page without script; says on the next page what came of it."""
    _need_look_ups()
    person_id, name = person.id, person.first_name
    if _may_look_up():
        flash_look_up(name, look_up_pass_by_insz(person_id, for_public=True))
    else:
        flash(str(TOO_OFTEN), "warn")


def _typed(form: PersonForm, person: Person | None) -> Typed:
    return resolve_number(
        form.person_data(with_insz=insz_allowed()),
        own_customer_id(),
        person,
        by_staff=False,
        may_ask=_may_look_up,
    )


def _person_page(
    form: PersonForm,
    person: Person | None,
    onward: str,
    errors: list[tuple[str, str]] | None = None,
) -> Response:
    return page(
        "shop/person.html",
        forms=[form],
        errors=errors or [],
        form=form,
        person=person,
        onward=onward,
        notices=number_notices(person),
    )


def _shown_details() -> DetailsForm:
    return DetailsForm(formdata=None, obj=current_user.customer)


def _details_page(
    form: DetailsForm,
    password_form: ChangePasswordForm,
    shown: list[Form],
    onward: str,
    *,
    status: int | None = None,
) -> Response:
    return page(
        "shop/person_details.html",
        forms=shown,
        status=status,
        form=form,
        password_form=password_form,
        onward=onward,
    )
