"""Back office: staff accounts (C15)."""

from flask import abort, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import SelectMultipleField, StringField
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from app import jobs
from app.people import staff as staff_accounts
from app.people.models import Account, Role
from app.people.problems import AccountProblem
from app.web.access import Access, allow
from app.web.backoffice import backoffice
from app.web.form_problems import show_problems
from app.web.forms import Form, Required
from app.web.pages import page

ROLES = {
    Role.ADMIN: "Beheerder",
    Role.CASHIER: "Kassier",
    Role.MONITOR: "Monitor",
}
ROLE_NOTES = {
    Role.ADMIN.value: "Mag alles, ook instellingen en publiceren.",
    Role.CASHIER.value: "Registreert betalingen, annuleert, en houdt klanten en gezinsleden bij.",
    Role.MONITOR.value: "Ziet enkel de aanwezigheidslijsten van de activiteiten die je geeft.",
}


class RolesField(SelectMultipleField):
    """A box for each role."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _role(value: object) -> Role:
    return value if isinstance(value, Role) else Role(str(value))


class RolesForm(Form):
    """The roles of one account."""

    roles = RolesField(
        "Rollen",
        choices=[(role.value, words) for role, words in ROLES.items()],
        coerce=_role,
    )


class InvitationForm(RolesForm):
    """Somebody who will work here."""

    name = StringField("Naam", [Required("Vul de naam van je collega in."), Length(max=200)])
    email = StringField(
        "E-mail", [Required("Vul het e-mailadres in: daar gaat de uitnodiging naartoe.")]
    )


@backoffice.get("/instellingen/medewerkers")
@allow(Access.ADMIN)
def staff() -> Response:
    """Everybody who works here, and the form to invite somebody."""
    return _list(InvitationForm())


@backoffice.post("/instellingen/medewerkers")
@allow(Access.ADMIN)
def invite_staff() -> Response:
    """Invite somebody by mail."""
    form = InvitationForm()
    if not form.validate():
        return _list(form)
    try:
        account = staff_accounts.invite_staff(form.email.data, form.name.data, form.roles.data)
    except AccountProblem as problem:
        show_problems(form, [problem])
        return _list(form)
    jobs.wake("mails")
    flash(f"De uitnodiging voor {account.email} gaat de deur uit.", "success")
    return redirect(url_for("backoffice.staff"), 303)


@backoffice.get("/instellingen/medewerkers/<int:account_id>")
@allow(Access.ADMIN)
def staff_member(account_id: int) -> Response:
    """One colleague: roles, blocking, signing out."""
    account = _account(account_id)
    return _member(account, RolesForm(data={"roles": list(account.roles)}))


@backoffice.post("/instellingen/medewerkers/<int:account_id>")
@allow(Access.ADMIN)
def set_staff_roles(account_id: int) -> Response:
    """Change what a colleague may do."""
    account = _account(account_id)
    form = RolesForm()
    if not form.validate():
        return _member(account, form)
    try:
        staff_accounts.set_roles(account_id, form.roles.data)
    except AccountProblem as problem:
        show_problems(form, [problem])
        return _member(account, form)
    flash("De rollen zijn aangepast.", "success")
    return redirect(url_for("backoffice.staff"), 303)


@backoffice.post("/instellingen/medewerkers/<int:account_id>/blokkeren")
@allow(Access.ADMIN)
def block_staff(account_id: int) -> Response:
    """Keep a colleague out, everywhere and at once."""
    account = _account(account_id)
    if account_id == current_user.account.id:
        flash("Je kan jezelf niet blokkeren. Vraag het aan een andere beheerder.", "bad")
        return _back(account_id)
    try:
        staff_accounts.block_account(account_id)
    except AccountProblem as problem:
        flash(problem.sentence, "bad")
        return _back(account_id)
    flash(f"{account.name or account.email} kan zich niet meer aanmelden.", "success")
    return _back(account_id)


@backoffice.post("/instellingen/medewerkers/<int:account_id>/deblokkeren")
@allow(Access.ADMIN)
def unblock_staff(account_id: int) -> Response:
    """Let a colleague in again."""
    account = _account(account_id)
    staff_accounts.unblock_account(account_id)
    flash(f"{account.name or account.email} kan zich weer aanmelden.", "success")
    return _back(account_id)


@backoffice.post("/instellingen/medewerkers/<int:account_id>/afmelden")
@allow(Access.ADMIN)
def sign_out_staff(account_id: int) -> Response:
    """End every sign-in of a colleague."""
    account = _account(account_id)
    staff_accounts.sign_out_everywhere(account_id)
    flash(f"{account.name or account.email} is overal afgemeld.", "success")
    return _back(account_id)


@backoffice.post("/instellingen/medewerkers/<int:account_id>/uitnodiging")
@allow(Access.ADMIN)
def invite_staff_again(account_id: int) -> Response:
    """Send the invitation once more."""
    account = _account(account_id)
    if staff_accounts.invite_again(account_id):
        jobs.wake("mails")
        flash(f"De uitnodiging voor {account.email} gaat opnieuw de deur uit.", "success")
    else:
        flash(f"{account.name or account.email} koos al een wachtwoord.", "info")
    return _back(account_id)


def _account(account_id: int) -> Account:
    return staff_accounts.staff_account(account_id) or abort(404)


def _back(account_id: int) -> Response:
    return redirect(url_for("backoffice.staff_member", account_id=account_id), 303)


def _list(form: InvitationForm) -> Response:
    return page(
        "backoffice/staff.html",
        forms=[form],
        form=form,
        accounts=staff_accounts.staff_accounts(),
        roles=ROLES,
        role_notes=ROLE_NOTES,
    )


def _member(account: Account, form: RolesForm) -> Response:
    return page(
        "backoffice/staff_member.html",
        forms=[form],
        form=form,
        account=account,
        role_notes=ROLE_NOTES,
    )
