"""Back office: register numbers, shown with a reason and found by exact match; for admins."""

from flask import abort
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length

from app.people.insz import find_by_insz
from app.people.insz import reveal_insz as reveal
from app.people.persons import get_person
from app.people.problems import PersonRefused
from app.settings.privacy import insz_allowed
from app.web.access import Access, allow
from app.web.backoffice import backoffice
from app.web.forms import Form, Required
from app.web.pages import page
from app.web.person_forms import show_problems


class ReasonForm(Form):
    """Why an admin wants to see a register number."""

    reason = StringField(
        "Reden",
        [
            Required("Vul in waarom je het nummer nodig hebt."),
            Length(max=500, message="Kort de reden in tot 500 tekens."),
        ],
    )


class InszForm(Form):
    """The register number that is sought; sent by POST, so that it stands in no address."""

    insz = StringField("Rijksregisternummer")


@backoffice.route("/gezinsleden/<int:person_id>/rijksregisternummer", methods=["GET", "POST"])
@allow(Access.ADMIN)
def reveal_insz(person_id: int) -> Response:
    """Show a register number in full, once, with a reason that is written down."""
    _need_insz()
    person, form, insz = get_person(person_id), ReasonForm(), None
    if person is None or not person.insz:
        abort(404)
    if form.validate_on_submit():
        insz = reveal(person_id, form.reason.data)
    return page("backoffice/person_insz.html", forms=[form], form=form, person=person, insz=insz)


@backoffice.route("/gezinsleden/rijksregisternummer", methods=["GET", "POST"])
@allow(Access.ADMIN)
def find_insz() -> Response:
    """Who has exactly this register number; each search is written down."""
    _need_insz()
    form, found = InszForm(), None
    if form.validate_on_submit():
        try:
            found = find_by_insz(form.insz.data or "")
            form = InszForm(formdata=None)  # what was sought need not stand on the page
        except PersonRefused as refused:
            show_problems(form, refused.problems)
    return page("backoffice/person_find_insz.html", forms=[form], form=form, found=found)


def _need_insz() -> None:
    if not insz_allowed():
        abort(404)
