"""Signing in and out, signing up, and a forgotten password."""

from flask import Blueprint, flash, redirect, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import Length

from app import jobs
from app.people import accounts
from app.people.accounts import AccountProblem, SignUp
from app.people.models import AccountSession
from app.web import throttling
from app.web.access import Access, allow
from app.web.forms import FIRST_NAME, LAST_NAME, Form, PostalCode, Required
from app.web.local_paths import local_path
from app.web.pages import page
from app.web.signed_in import SignedIn

auth = Blueprint("auth", __name__)

TOO_OFTEN = (
    "Dit lukte te vaak niet. Wacht een kwartier en probeer het dan opnieuw, "
    "of vraag een nieuw wachtwoord."
)
TOO_MANY_SIGN_UPS = "Vanaf hier zijn al veel aanmeldingen gemaakt. Probeer het over een uur."
STAFF_PATHS = ("/beheer", "/kassa")


class SignInForm(Form):
    """E-mail and password."""

    email = StringField("E-mailadres", [Required("Vul je e-mailadres in."), Length(max=254)])
    password = PasswordField("Wachtwoord", [Required("Vul je wachtwoord in.")])


class SignUpForm(Form):
    """What a new customer tells."""

    first_name = StringField("Voornaam", [Required("Vul je voornaam in."), FIRST_NAME])
    last_name = StringField("Naam", [Required("Vul je naam in."), LAST_NAME])
    email = StringField(
        "E-mailadres",
        [Required("Vul je e-mailadres in, dan kunnen we je bevestiging sturen."), Length(max=254)],
    )
    phone = StringField("Telefoon", [Length(max=40)])
    street = StringField("Straat en nummer", [Length(max=200)])
    postal_code = StringField(
        "Postcode", [Required("Vul je postcode in: ze bepaalt mee de prijs."), PostalCode()]
    )
    locality = StringField("Gemeente", [Length(max=100)])
    password = PasswordField("Wachtwoord", [Required("Kies een wachtwoord.")])


class EmailForm(Form):
    """Whose password was forgotten."""

    email = StringField("E-mailadres", [Required("Vul je e-mailadres in."), Length(max=254)])


class PasswordForm(Form):
    """A new password."""

    password = PasswordField("Nieuw wachtwoord", [Required("Kies een wachtwoord.")])


@auth.route("/aanmelden", methods=["GET", "POST"])
@allow(Access.ANYONE)
def sign_in() -> Response:
    """Sign in, and go on to where one was going."""
    onward = local_path(request.args.get("verder"))
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(_next_page(current_user.account, onward), 303)
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form, onward)
    email = form.email.data
    if not throttling.may_try_to_sign_in(email):
        return _sign_in_page(form, onward, TOO_OFTEN, 429)
    try:
        started = accounts.sign_in(email, form.password.data, throttling.visitor_address())
    except AccountProblem as problem:
        throttling.sign_in_failed(email)
        return _sign_in_page(form, onward, problem.sentence)
    throttling.sign_in_succeeded(email)
    begin_session(started)
    return redirect(_next_page(current_user.account, onward), 303)


@auth.post("/afmelden")
@allow(Access.ANYONE)
def sign_out() -> Response:
    """End this session, here and on the server."""
    if current_user.is_authenticated:
        accounts.sign_out(current_user.session_id)
    logout_user()
    session.clear()
    flash("Je bent afgemeld.", "success")
    return redirect("/aanbod", 303)


@auth.route("/registreren", methods=["GET", "POST"])
@allow(Access.ANYONE)
def sign_up() -> Response:
    """Make an account as a customer, and be signed in."""
    onward = local_path(request.args.get("verder"))
    form = SignUpForm()
    if not form.validate_on_submit():
        return _sign_up_page(form, onward)
    if not throttling.may_sign_up():
        return _sign_up_page(form, onward, [("", TOO_MANY_SIGN_UPS)], 429)
    data = {name: value for name, value in form.data.items() if name != "csrf_token"}
    try:
        accounts.sign_up(SignUp(**data))
        started = accounts.sign_in(
            form.email.data, form.password.data, throttling.visitor_address()
        )
    except AccountProblem as problem:
        return _sign_up_page(form, onward, _at_field(form, problem))
    jobs.wake("mails")
    begin_session(started)
    flash(f"Welkom, {form.first_name.data}.", "success")
    return redirect(onward or "/mijn/gezin", 303)


@auth.route("/wachtwoord-vergeten", methods=["GET", "POST"])
@allow(Access.ANYONE)
def forgot_password() -> Response:
    """Ask for a link by mail; the answer is the same for every address."""
    form = EmailForm()
    if not form.validate_on_submit():
        return page("auth/forgot_password.html", forms=[form], form=form, sent_to="")
    email = form.email.data
    if throttling.may_ask_reset(email):
        accounts.start_password_reset(email)
        jobs.wake("mails")
    return page("auth/forgot_password.html", form=form, sent_to=email)


@auth.route("/wachtwoord/<token>", methods=["GET", "POST"])
@allow(Access.ANYONE)
def reset_password(token: str) -> Response:
    """Choose a password with the link of a mail: a forgotten one, or the first of all."""
    account = accounts.token_account(token)
    if account is None:
        return page("auth/link_used.html", status=410)
    form, email = PasswordForm(), account.email
    if not form.validate_on_submit():
        return page("auth/reset_password.html", forms=[form], form=form, email=email)
    try:
        accounts.reset_password(token, form.password.data)
    except AccountProblem as problem:
        if not problem.field:
            return page("auth/link_used.html", status=410)
        errors = _at_field(form, problem)
        return page("auth/reset_password.html", forms=[form], errors=errors, form=form, email=email)
    logout_user()
    session.clear()
    flash("Je wachtwoord is bewaard. Meld je nu aan.", "success")
    return redirect(url_for("auth.sign_in"), 303)


def begin_session(started: AccountSession) -> None:
    """Make a cookie of a session; whatever the browser held before is thrown away."""
    session.clear()
    login_user(SignedIn(started))


def _sign_in_page(
    form: SignInForm, onward: str, sentence: str = "", status: int | None = None
) -> Response:
    if sentence:
        form.email.errors = [sentence]
    return page("auth/sign_in.html", forms=[form], status=status, form=form, onward=onward)


def _sign_up_page(
    form: SignUpForm,
    onward: str,
    errors: list[tuple[str, str]] | None = None,
    status: int | None = None,
) -> Response:
    return page(
        "auth/sign_up.html",
        forms=[form],
        errors=errors or [],
        status=status,
        form=form,
        onward=onward,
    )


def _at_field(form: Form, problem: AccountProblem) -> list[tuple[str, str]]:
    """Hang a problem on its field, which the summary then lists; else return it for the top."""
    if problem.field in form:
        form[problem.field].errors = [problem.sentence]
        return []
    return [("", problem.sentence)]


def _next_page(account: SignedIn, onward: str) -> str:
    if account.is_staff:
        if onward and (account.customer is not None or onward.startswith(STAFF_PATHS)):
            return onward
        return "/beheer"
    return onward if onward and not onward.startswith(STAFF_PATHS) else "/aanbod"
