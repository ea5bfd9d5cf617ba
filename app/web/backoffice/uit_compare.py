"""Comparing with UiTdatabank, deleting the event there, and the list of what needs a look (D14)."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from app import jobs
from app.activities.models import Activity, ActivityState
from app.clock import now
from app.extensions import db
from app.publiq.errors import PubliqError
from app.settings.connections import NotConnected
from app.settings.environments import addresses_of
from app.settings.publiq_errors import call_of, explain
from app.settings.uit import active_environment, get_modules
from app.uitdatabank.attention import (
    Matter,
    failed_pushes,
    matters,
    matters_of_links,
    needing_attention,
    organizers_of_links,
)
from app.uitdatabank.changes import present_event
from app.uitdatabank.checking import Comparison, look_at_event
from app.uitdatabank.comparing import Row, side_by_side
from app.uitdatabank.deleting import Deleted
from app.uitdatabank.left_standing import sentence_of, why_left_standing
from app.uitdatabank.links import REMOTE_DELETED, LinkRefused, link_of
from app.uitdatabank.missing import is_past
from app.uitdatabank.models import EventLink
from app.uitdatabank.outcomes import NO_PARTNER
from app.uitdatabank.publishing import publish
from app.uitpas.event_deletion import delete_event, deletion_problems
from app.web.access import Access, allow, needs
from app.web.arguments import choice_argument, page_argument
from app.web.backoffice import backoffice
from app.web.call_links import flash_about_call, with_call_link
from app.web.pages import page

MATTER_WORDS = {
    Matter.FAILED: "Publicatie niet gelukt",
    Matter.DELETED: "Bestaat niet meer bij UiTdatabank",
    Matter.REJECTED: "Afgekeurd door UiTdatabank",
    Matter.CHANGED: "Gewijzigd bij UiTdatabank",
    Matter.NOT_TOLD: "Plaatsen of status niet doorgegeven",
    Matter.NO_PARTNER: "Geen UiTPAS-partner",
    Matter.LEFT_STANDING: "Staat nog in UiTdatabank",
}
MATTER_KINDS = {
    Matter.FAILED: "bad",
    Matter.DELETED: "bad",
    Matter.REJECTED: "bad",
    Matter.CHANGED: "warn",
    Matter.NOT_TOLD: "warn",
    Matter.NO_PARTNER: "warn",
    Matter.LEFT_STANDING: "warn",
}


@backoffice.get("/activiteiten/<int:activity_id>/uitdatabank/vergelijken")
@allow(Access.ADMIN)
@needs("uitdatabank")
def compare_with_uit(activity_id: int) -> Response:
    """The event as it stands at UiTdatabank beside what we sent and what we would send."""
    found, link = _published(activity_id)
    if link is None:
        return _to_tab(activity_id)
    environment, event_url = link.environment, _event_url(link)
    sentence, comparison = "", None
    try:
        comparison = look_at_event(activity_id, environment)
    except NotConnected as error:
        sentence = error.sentence
    except PubliqError as error:
        sentence = with_call_link(explain(error), call_of(error))
    gone = comparison is not None and (
        comparison.theirs is None or comparison.remote_status == REMOTE_DELETED
    )
    rows = [] if comparison is None or gone else _rows(activity_id, comparison)
    differing = [row for row in rows if row.changed_there or row.changed_here or row.added_there]
    return page(
        "backoffice/activity_uit_compare.html",
        activity=found,
        event_url=event_url,
        away=sentence,
        gone=gone,
        never_sent=comparison is not None and not comparison.sent,
        rejected=comparison is not None and comparison.remote_status == "REJECTED",
        differing=differing,
        alike=[row for row in rows if row not in differing],
    )


@backoffice.post("/activiteiten/<int:activity_id>/uitdatabank/vergelijken")
@allow(Access.ADMIN)
@needs("uitdatabank")
def publish_compared(activity_id: int) -> Response:
    """Publish what was compared: the tab as it was saved."""
    _published(activity_id)
    publication = publish(activity_id)
    kind = "success" if publication.ok else "bad"
    flash_about_call(publication.sentence, kind, publication.call_id)
    for warning in publication.warnings:
        if get_modules().uitpas or warning != NO_PARTNER:
            flash(warning, "warn")
    return _to_tab(activity_id)


@backoffice.route(
    "/activiteiten/<int:activity_id>/uitdatabank/event-verwijderen", methods=["GET", "POST"]
)
@allow(Access.ADMIN)
@needs("uitdatabank")
def delete_uit_event(activity_id: int) -> Response:
    """What deleting the event means, and doing so; not while sales with UiTPAS stand."""
    found, link = _published(activity_id)
    if link is None:
        return _to_tab(activity_id)
    if request.method == "POST":
        try:
            answer = delete_event(activity_id)
        except LinkRefused as refused:
            flash(refused.problem.sentence, "warn")
        else:
            kinds = {Deleted.DONE: "success", Deleted.WAITING: "warn", Deleted.REFUSED: "bad"}
            flash_about_call(answer.sentence, kinds[answer.outcome], answer.call_id)
            if answer.outcome is Deleted.WAITING:
                jobs.wake("deletions")
        return _to_tab(activity_id)
    return page(
        "backoffice/activity_uit_delete_event.html",
        activity=found,
        link=link,
        event_url=_event_url(link),
        problems=deletion_problems(activity_id),
        not_going_on=found.state is ActivityState.CANCELLED or is_past(found.last_end, now()),
    )


@backoffice.get("/uitdatabank/nakijken")
@allow(Access.ADMIN)
@needs("uitdatabank")
def uit_attention() -> Response:
    """Activities to come with which something is the matter at UiTdatabank, or in publishing."""
    known = matters()
    matter = choice_argument("wat", Matter)
    matter = matter if matter in known else None
    found = needing_attention(active_environment(), matter, page_argument())
    return page(
        "backoffice/uit_attention.html",
        found=found,
        matter=matter,
        matters=matters_of_links(found.items),
        organizers=organizers_of_links(found.items),
        failed_pushes=failed_pushes(found.items),
        left_standing={
            link.id: [sentence_of(why) for why in why_left_standing(link.activity, link)]
            for link in found.items
        },
        Matter=Matter,
        words=MATTER_WORDS,
        kinds=MATTER_KINDS,
        options=[(one.value, MATTER_WORDS[one]) for one in known],
    )


def _rows(activity_id: int, comparison: Comparison) -> list[Row]:
    theirs = comparison.theirs or {}
    present = present_event(activity_id, active_environment(), theirs, comparison.sent)
    sent = comparison.sent or present.body
    return side_by_side(sent, theirs, present.body, comparison.differences, present.names)


def _published(activity_id: int) -> tuple[Activity, EventLink | None]:
    """The activity, with its link if it has an event. 404 without activity or module."""
    found: Any = db.session.scalar(
        select(Activity)
        .where(Activity.id == activity_id)
        .options(joinedload(Activity.activity_type))
    ) or abort(404)
    link = link_of(activity_id)
    return found, link if link is not None and link.event_id else None


def _to_tab(activity_id: int) -> Response:
    return redirect(url_for(".activity_uit", activity_id=activity_id), 303)


def _event_url(link: EventLink) -> str:
    return addresses_of(link.environment).event_page_of(link.event_id or "")
