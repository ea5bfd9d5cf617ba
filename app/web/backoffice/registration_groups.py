"""Back office, Inschrijvingsgroepen: making, changing and removing them (C1).

Their overview is that of the registrations, filtered on the group.
"""

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField

from app.activities.groups import (
    MOST_FOUND,
    GroupData,
    activities_by_id,
    activities_of_group,
    all_groups,
    get_group,
    group_problems,
    remove_group,
    search_activities,
)
from app.activities.models import RegistrationGroup
from app.activities.problems import ActivityRefused
from app.uitdatabank.editing import save_group
from app.web.access import Access, allow
from app.web.backoffice import backoffice
from app.web.backoffice.activities import span_words
from app.web.form_problems import show_problems
from app.web.forms import Form, Required, strip
from app.web.moment_fields import DayField, HourField
from app.web.pages import page
from app.web.period_fields import period_values, period_words, read_period, show_period_problems
from app.web.selection import selected_ids

STEP = "stap"
SEARCH, CHOOSE = "zoeken", "kiezen"
"""What a button of the form asks, other than saving: look for activities, or take those ticked."""


class GroupForm(Form):
    """A group; its activities are boxes beside it."""

    name = StringField("Naam van de groep", [Required("Geef de groep een naam.")])
    opens_on = DayField("Inschrijven vanaf")
    opens_at = HourField("Startuur")
    closes_on = DayField("Inschrijven tot")
    closes_at = HourField("Sluitingsuur")

    def validate(self, extra_validators: object = None) -> bool:
        valid = super().validate(extra_validators)
        return show_period_problems(self) and valid

    def read(self, activity_ids: list[int]) -> GroupData:
        """What was filled in; what could not be read counts as empty."""
        opens_at, closes_at = read_period(self)
        return GroupData(self.name.data or "", activity_ids, opens_at, closes_at)


@backoffice.get("/inschrijvingsgroepen")
@allow(Access.ADMIN, Access.CASHIER)
def registration_groups() -> Response:
    """All groups, each with a link to its overview."""
    return page("backoffice/registration_groups.html", rows=all_groups(), period_words=period_words)


@backoffice.get("/inschrijvingsgroepen/nieuw")
@allow(Access.ADMIN)
def new_registration_group() -> Response:
    """An empty form."""
    return _form_page(None, GroupForm(formdata=None), [])


@backoffice.post("/inschrijvingsgroepen/nieuw")
@allow(Access.ADMIN)
def create_registration_group() -> Response:
    """Make a group, look for activities, or begin with those ticked in the overview."""
    if request.form.get(STEP) == CHOOSE:
        return _form_page(None, GroupForm(formdata=None), selected_ids())
    return _saved_or_shown(None)


@backoffice.get("/inschrijvingsgroepen/<int:group_id>")
@allow(Access.ADMIN)
def edit_registration_group(group_id: int) -> Response:
    """One group, to change or to remove."""
    found = _found(group_id)
    form = GroupForm(formdata=None, name=found.name, **period_values(found))
    return _form_page(found, form, [item.id for item in activities_of_group(group_id)])


@backoffice.post("/inschrijvingsgroepen/<int:group_id>")
@allow(Access.ADMIN)
def save_registration_group(group_id: int) -> Response:
    """Change a group, or look for more activities."""
    return _saved_or_shown(_found(group_id))


@backoffice.post("/inschrijvingsgroepen/<int:group_id>/verwijderen")
@allow(Access.ADMIN)
def remove_registration_group(group_id: int) -> Response:
    """Remove a group; its activities stay."""
    name = _found(group_id).name
    remove_group(group_id)
    flash(
        f"De groep ‘{name}’ is verwijderd. De activiteiten en hun inschrijvingen blijven.",
        "success",
    )
    return redirect(url_for(".registration_groups"), 303)


def _saved_or_shown(found: RegistrationGroup | None) -> Response:
    form, chosen = GroupForm(), selected_ids()
    if request.form.get(STEP) == SEARCH:
        return _form_page(found, form, chosen, searched=True)
    group_id = found.id if found else None
    if not form.validate():
        problems = group_problems(form.read(chosen))
        fresh = [one for one in problems if one.field not in form or not form[one.field].errors]
        return _form_page(found, form, chosen, failed=True, errors=_shown(form, fresh))
    try:
        saved_id = save_group(group_id, form.read(chosen))
    except ActivityRefused as refused:
        shown = _shown(form, refused.problems)
        return _form_page(found, form, chosen, failed=True, errors=shown)
    except LookupError:  # a colleague removed it meanwhile
        abort(404)
    flash(f"De groep ‘{form.name.data}’ is bewaard.", "success")
    return redirect(url_for(".registrations", groep=saved_id), 303)


def _shown(form: GroupForm, problems: list) -> list[tuple[str, str]]:
    """Put each problem at its field; returns those of the activities, which are no field."""
    show_problems(form, [one for one in problems if one.field != "activities"])
    return [(one.field, one.sentence) for one in problems if one.field == "activities"]


def _form_page(
    found: RegistrationGroup | None,
    form: GroupForm,
    chosen: list[int],
    *,
    searched: bool = False,
    failed: bool = False,
    errors: list[tuple[str, str]] | None = None,
) -> Response:
    text = (strip(request.form.get("zoeken")) or "")[:200]
    results = search_activities(text, without=chosen) if searched or text else []
    return page(
        "backoffice/registration_group.html",
        forms=[form] if failed else (),
        errors=errors or (),
        form=form,
        group=found,
        chosen=activities_by_id(chosen),
        text=text,
        searched=searched,
        results=results[:MOST_FOUND],
        more=len(results) > MOST_FOUND,
        activities_error=next((words for _field, words in errors or ()), ""),
        span=span_words,
    )


def _found(group_id: int) -> RegistrationGroup:
    return get_group(group_id) or abort(404)
