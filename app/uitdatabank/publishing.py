"""Publishing one activity in the active environment (D3): never twice, whatever goes wrong.

The intent is committed before anything is sent, publiq is called outside transactions, and each
answer is committed before the next step. Who stops halfway leaves a row that says so.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.activities.models import Activity, ActivityState
from app.clock import now
from app.extensions import _t, db, end_read, write_transaction
from app.publiq import Publiq
from app.publiq.errors import PubliqError
from app.settings.actor import current_actor
from app.settings.audit import record
from app.settings.connections import NotConnected, publiq_client
from app.settings.models import Environment, OrganizerPermission
from app.settings.publiq_errors import call_of
from app.settings.uit import active_environment
from app.uitdatabank.event import Body, content_hash, event_body
from app.uitdatabank.facts import (
    Subject,
    button_start,
    event_facts,
    load_subjects,
    read_surroundings,
    start_of_today,
)
from app.uitdatabank.images import ensure_uploaded
from app.uitdatabank.left_standing import Why, sentence_of
from app.uitdatabank.links import (
    NOTHING_SENT,
    REMOTE_GONE,
    REMOTE_REJECTED,
    benefits_possible,
    delete_link,
    link_of,
    locked_link,
    published_event,
)
from app.uitdatabank.lost import Sought, adopt_lost_event, look_up_lost_publications
from app.uitdatabank.merging import merge, theme_to_delete
from app.uitdatabank.models import EventLink, LinkState, ReferenceKind, ReferenceState
from app.uitdatabank.outcomes import (
    BUSY,
    GONE,
    LOST_CREATION,
    NO_PARTNER,
    OTHER_ENVIRONMENT,
    REJECTED,
    Outcome,
    Publication,
    failure,
    points_at_organizer,
)
from app.uitdatabank.problems import Problem
from app.uitdatabank.references import ensure_reference, look_at_reference
from app.uitdatabank.refusing import refusal
from app.uitdatabank.status import compute_state, refresh_status
from app.uitdatabank.telling import doubt_availability, keep_told

__all__ = [
    "Outcome",
    "Publication",
    "benefits_possible",
    "delete_link",
    "link_of",
    "look_up_lost_publications",
    "publish",
    "published_event",
]

PURPOSE = "Activiteit publiceren"
LOOK_BACK = timedelta(days=30)
"""How long ago a lost event may have been made."""


@dataclass(frozen=True)
class Claim:
    """The right to publish one activity now, and what is to be sent."""

    activity_id: int
    link_id: int
    environment: Environment
    event_id: str | None
    body: Body
    previous: dict[str, Any] | None
    content_hash: str
    sent_at: datetime
    was_lost: bool
    in_doubt: bool
    """Whether a push of availability may have been under way when this began."""
    location_id: str
    location_name: str
    organizer_id: str
    organizer_name: str
    is_partner: bool


def publish(
    activity_id: int, *, environment: Environment | None = None, trust_known: bool = False
) -> Publication:
    """Make the event of an activity, or bring it up to date.

    ``environment`` is the one that must still be active, None for whichever is. ``trust_known``
    spares the look at a location and an organizer that were seen minutes ago: for many at once.
    Called outside any write transaction. publiq being away or refusing is an outcome, no error.
    """
    environment = environment or active_environment()
    try:
        client = publiq_client(environment, purpose=PURPOSE, activity_id=activity_id)
    except NotConnected as error:
        return Publication(Outcome.FAILED, error.sentence)
    refused = ensure_uploaded(client, activity_id, environment)
    if refused is not None:
        return refused
    io_base = client.transport.addresses.io
    try:
        claim = _claim(activity_id, environment, io_base)
    except IntegrityError:  # a colleague made the link at the same moment
        claim = _claim(activity_id, environment, io_base)
    if isinstance(claim, Publication):
        return claim
    end_read()
    try:
        return _send(client, claim, trust_known)
    except PubliqError as error:
        return _stop(claim, failure(error))


def _claim(activity_id: int, environment: Environment, io_base: str) -> Claim | Publication:
    """Write the intent. A Publication instead when there is nothing to send, or not now."""
    with write_transaction() as session:
        surroundings = read_surroundings()
        if surroundings.environment is not environment:
            return Publication(Outcome.FAILED, str(OTHER_ENVIRONMENT))
        link = locked_link(session, activity_id, environment)
        if link is None:
            link = EventLink(activity_id=activity_id, environment=environment)
            session.add(link)
            session.flush()
        (subject,) = load_subjects(session, [activity_id], environment)
        state = compute_state(subject, surroundings)
        subject.activity.uit_status = state.status
        refused = refusal(link, subject, state)
        if refused:
            return refused
        was_lost = link.searches > 0 and link.event_id is None
        moment = now()
        link.state, link.sent_at, link.searches = LinkState.SENDING, moment, 0
        link.last_error, link.last_call_id = "", None
        in_doubt = doubt_availability(link)
        _fix_start(subject, link)
        body = event_body(event_facts(subject, surroundings, io_base))
        claim = _claimed(subject, link, body, was_lost, in_doubt)
        if link.event_id is None:  # without a hash nothing has left yet, see _renew()
            link.content_hash = claim.content_hash if was_lost else NOTHING_SENT
        return claim


def _fix_start(subject: Subject, link: EventLink) -> None:
    """'Vandaag' as start of the button is the day of its first publication, from then on.

    A button that came later, or whose own start was taken away, is fixed at the next publication.
    """
    if link.event_id is None:
        link.registration_opens_at = None
    if subject.profile.registration_link and button_start(subject) is None:
        link.registration_opens_at = start_of_today()


def _claimed(
    subject: Subject, link: EventLink, body: Body, was_lost: bool, in_doubt: bool
) -> Claim:
    profile = subject.profile
    permission = db.session.scalar(
        select(OrganizerPermission.organizer_id).where(
            OrganizerPermission.environment == link.environment,
            OrganizerPermission.organizer_id == profile.organizer_id,
        )
    )
    return Claim(
        activity_id=subject.activity.id,
        link_id=link.id,
        environment=link.environment,
        event_id=link.event_id,
        body=body,
        previous=link.sent_body,
        content_hash=content_hash(body),
        sent_at=link.sent_at or now(),
        was_lost=was_lost,
        in_doubt=in_doubt,
        location_id=profile.location_id,
        location_name=profile.location_name or _t("De locatie"),
        organizer_id=profile.organizer_id,
        organizer_name=profile.organizer_name or _t("De organisator"),
        is_partner=permission is not None,
    )


def _send(client: Publiq, claim: Claim, trust_known: bool) -> Publication:
    problems, claim = _check_references(client, claim, trust_known)
    if problems:
        sentence = " ".join(problem.sentence for problem in problems)
        return _stop(claim, Publication(Outcome.REFUSED, sentence, problems))
    if claim.event_id is None and claim.was_lost:
        claim = _found_after_all(client, claim)
    return _create(client, claim) if claim.event_id is None else _update(client, claim)


def _check_references(
    client: Publiq, claim: Claim, trust_known: bool
) -> tuple[list[Problem], Claim]:
    """Whether organizer and location (still) exist (D13): publiq notices too late or not at all."""
    environment = claim.environment
    look = ensure_reference if trust_known else look_at_reference
    place = look(client, environment, ReferenceKind.PLACE, claim.location_id)
    organizer = look(client, environment, ReferenceKind.ORGANIZER, claim.organizer_id)
    problems = []
    if place.state is ReferenceState.GONE:
        sentence = _t(
            "%(name)s bestaat niet meer bij UiTdatabank. Kies een andere locatie.",
            name=claim.location_name,
        )
        problems.append(Problem(sentence, "location"))
    if organizer.state is not ReferenceState.ALIVE:
        sentence = _t(
            "%(name)s bestaat niet meer bij UiTdatabank. Kies een andere organisator.",
            name=claim.organizer_name,
        )
        problems.append(Problem(sentence, "organizer"))
    claim = replace(claim, is_partner=claim.is_partner or organizer.is_uitpas)
    end_read()  # looking at what was known before the last answer has begun one
    return problems, claim


def _found_after_all(client: Publiq, claim: Claim) -> Claim:
    """Before a second POST: the event of the first may have appeared in the meantime."""
    sought = Sought(
        link_id=claim.link_id,
        activity_id=claim.activity_id,
        environment=claim.environment,
        body=claim.previous or claim.body,
        sent_at=claim.sent_at - LOOK_BACK,
    )
    event_id = adopt_lost_event(client, sought)
    return replace(claim, event_id=event_id) if event_id else claim


def _create(client: Publiq, claim: Claim) -> Publication:
    renewed = _renew(claim)
    if renewed is None:
        return Publication(Outcome.BUSY, str(BUSY))
    try:
        event_id = client.entry.create_event(renewed.body)
    except PubliqError as error:
        if error.may_have_arrived or points_at_organizer(error):
            return _lose(renewed, error)
        # with the renewed claim: by the first one nothing would be written, and who presses
        # again would be told that a colleague is at it
        return _stop(renewed, failure(error))
    return _keep(renewed, event_id, Outcome.PUBLISHED, "")


def _update(client: Publiq, claim: Claim) -> Publication:
    event_id = claim.event_id or ""
    theirs = client.entry.get_event(event_id)
    if theirs.get("workflowStatus") == "DELETED":
        return _stop(claim, Publication(Outcome.GONE, str(GONE)))
    client.entry.put_event(event_id, merge(theirs, claim.body, claim.previous))
    if theme_to_delete(theirs, claim.body):
        client.entry.delete_theme(event_id)
    return _keep(claim, event_id, Outcome.UPDATED, theirs.get("workflowStatus", ""))


def _renew(claim: Claim) -> Claim | None:
    """The claim with the moment at which the POST leaves; None when it was taken over meanwhile.

    From here on it may have arrived: what a lost answer is looked for by is written down.
    """
    moment = now()
    with write_transaction() as session:
        mine = session.execute(
            update(EventLink)
            .where(
                EventLink.id == claim.link_id,
                EventLink.state == LinkState.SENDING,
                EventLink.sent_at == claim.sent_at,
                EventLink.event_id.is_(None),
            )
            .values(sent_at=moment, sent_body=claim.body, content_hash=claim.content_hash)
            .execution_options(synchronize_session=False)
        )
    return replace(claim, sent_at=moment) if mine.rowcount == 1 else None


def _keep(claim: Claim, event_id: str, outcome: Outcome, workflow_status: str) -> Publication:
    moment = now()
    with write_transaction() as session:
        link = locked_link(session, claim.activity_id, claim.environment)
        if link is not None:
            link.event_id = event_id
            link.state = LinkState.PUBLISHED
            link.first_published_at = link.first_published_at or moment
            link.published_at = moment
            link.published_by = current_actor().name
            link.content_hash, link.sent_body = claim.content_hash, claim.body
            keep_told(link, claim.body, in_doubt=claim.in_doubt)
            link.remote_status = workflow_status if workflow_status == REMOTE_REJECTED else ""
            link.differences = []
            link.organizer_id = claim.organizer_id
            link.organizer_is_uitpas = claim.is_partner
            link.last_error, link.last_call_id, link.searches = "", None, 0
        refresh_status(session, claim.activity_id)
        activity = session.get_one(Activity, claim.activity_id)
        is_draft = activity.state is ActivityState.DRAFT
        record(
            "Gepubliceerd in UiTdatabank",
            subject_kind="activiteit",
            subject_id=str(claim.activity_id),
            subject_label=activity.title,
            detail={"event": event_id, "omgeving": claim.environment.value},
        )
    warnings = () if claim.is_partner else (str(NO_PARTNER),)
    if workflow_status == "REJECTED":
        warnings = (*warnings, str(REJECTED))
    if is_draft:
        warnings = (*warnings, sentence_of(Why.DRAFT))
    sentence = (
        _t("De activiteit is gepubliceerd in UiTdatabank.")
        if outcome is Outcome.PUBLISHED
        else _t("Het event in UiTdatabank is bijgewerkt.")
    )
    return Publication(outcome, sentence, event_id=event_id, warnings=warnings)


def _lose(claim: Claim, error: PubliqError) -> Publication:
    """The event may stand at publiq, and we do not know its id: it will be looked for."""
    call_id = call_of(error)
    sentence = str(LOST_CREATION)
    values = {"state": LinkState.UNKNOWN, "last_error": sentence, "last_call_id": call_id}
    if points_at_organizer(error):
        values["content_hash"] = ""  # stored without its organizer: to be published again
    _write(claim, values)
    return Publication(Outcome.UNKNOWN, sentence, call_id=call_id)


def _stop(claim: Claim, publication: Publication) -> Publication:
    """Nothing was made: the reason is kept, and a person may publish again."""
    values: dict[str, Any] = {
        "state": LinkState.FAILED,
        "last_error": publication.sentence,
        "last_call_id": publication.call_id,
    }
    if claim.was_lost:
        values["searches"] = 1  # so that the next time it is looked for again
    if publication.outcome is Outcome.GONE:
        values["remote_status"] = REMOTE_GONE
    if publication.organizer_fixed:
        values["organizer_fixed_at"] = now()
    _write(claim, values)
    return publication


def _write(claim: Claim, values: dict[str, Any]) -> None:
    """Keep how it ended, unless somebody took over meanwhile."""
    with write_transaction() as session:
        link = locked_link(session, claim.activity_id, claim.environment)
        if link is None or link.state is not LinkState.SENDING or link.sent_at != claim.sent_at:
            return
        for name, value in values.items():
            setattr(link, name, value)
        refresh_status(session, claim.activity_id)
