"""Entry API: writing events and reading what they refer to (contract, part 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, Literal

from app.publiq.reading import id_of
from app.publiq.transport import Transport
from app.publiq.wire import segment

StatusType = Literal["Available", "TemporarilyUnavailable", "Unavailable"]
AudienceType = Literal["everyone", "members", "education"]
Body = dict[str, Any]


class EntryApi:
    """publiq's Entry API. Bodies are as publiq's schemas say; every method raises PubliqError.

    `purpose` says for what the call is made; it ends in the log of calls.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create_event(self, body: Mapping[str, Any], purpose: str | None = None) -> str:
        """Creates an event and gives its id (event-post).

        Check first that the organizer exists: publiq stores an event with an unknown organizer
        and then answers 400, so its id is never told.
        """
        return self._transport.call(
            "event-post", "POST", "io", "/events", json=body, purpose=purpose, parse=_created_id
        )

    def get_event(self, event_id: str, purpose: str | None = None) -> Body:
        """The event as it stands at publiq, deleted ones included (event-get)."""
        return self._transport.call(
            "event-get",
            "GET",
            "io",
            f"/events/{segment(event_id)}",
            auth="none",
            purpose=purpose,
            parse=_document,
        )

    def put_event(self, event_id: str, body: Mapping[str, Any], purpose: str | None = None) -> None:
        """Replaces the event (event-put): what is left out is reset, so merge first."""
        self._event("event-put", "PUT", event_id, "", body, purpose)

    def delete_event(self, event_id: str, purpose: str | None = None) -> None:
        """Deletes the event for good (event-delete); it stays readable as DELETED."""
        self._event("event-delete", "DELETE", event_id, "", None, purpose)

    def set_status(
        self,
        event_id: str,
        status: StatusType,
        reason: Mapping[str, str] | None = None,
        purpose: str | None = None,
    ) -> None:
        """As planned, postponed or cancelled, for all dates at once (event-status-put).

        `reason` is a map of languages; publiq takes it with postponed and cancelled only.
        """
        body: Body = {"type": status}
        if reason and status != "Available":
            body["reason"] = dict(reason)
        self._event("event-status-put", "PUT", event_id, "/status", body, purpose)

    def set_booking_availability(
        self, event_id: str, available: bool, purpose: str | None = None
    ) -> None:
        """Places left or sold out (event-bookingAvailability-put).

        publiq refuses it for weekly schedules: problem uitdatabank/calendar-type-not-supported.
        """
        body = {"type": "Available" if available else "Unavailable"}
        path = "/booking-availability"
        self._event("event-bookingAvailability-put", "PUT", event_id, path, body, purpose)

    def patch_sub_events(
        self, event_id: str, changes: Sequence[Mapping[str, Any]], purpose: str | None = None
    ) -> None:
        """Changes single dates (event-subEvent-patch); each change holds the date's index as id."""
        body = [dict(change) for change in changes]
        self._event("event-subEvent-patch", "PATCH", event_id, "/sub-events", body, purpose)

    def set_audience(
        self, event_id: str, audience: AudienceType, purpose: str | None = None
    ) -> None:
        """For everyone, members or schools (event-audience-put)."""
        body = {"audienceType": audience}
        self._event("event-audience-put", "PUT", event_id, "/audience", body, purpose)

    def put_available_from(
        self, event_id: str, available_from: datetime, purpose: str | None = None
    ) -> None:
        """From which moment (aware) the event may be shown (event-availableFrom-put)."""
        body = {"availableFrom": _written(available_from)}
        path = "/available-from"
        self._event("event-availableFrom-put", "PUT", event_id, path, body, purpose)

    def put_workflow_status(
        self,
        event_id: str,
        workflow_status: Literal["DRAFT", "READY_FOR_VALIDATION", "DELETED"],
        available_from: datetime | None = None,
        purpose: str | None = None,
    ) -> None:
        """Publishes or withdraws the event (event-workflow-status-put)."""
        body = {"workflowStatus": workflow_status}
        if available_from is not None:
            body["availableFrom"] = _written(available_from)
        path = "/workflow-status"
        self._event("event-workflow-status-put", "PUT", event_id, path, body, purpose)

    def put_contact_point(
        self,
        event_id: str,
        phones: Sequence[str] = (),
        emails: Sequence[str] = (),
        urls: Sequence[str] = (),
        purpose: str | None = None,
    ) -> None:
        """Replaces how to reach the organizer (event-contactPoint-put)."""
        body = {"phone": list(phones), "email": list(emails), "url": list(urls)}
        self._event("event-contactPoint-put", "PUT", event_id, "/contact-point", body, purpose)

    def delete_theme(self, event_id: str, purpose: str | None = None) -> None:
        """Takes the theme away, which a PUT of the event cannot (event-terms-theme-delete)."""
        self._event("event-terms-theme-delete", "DELETE", event_id, "/theme", None, purpose)

    def delete_description(
        self, event_id: str, language: str = "nl", purpose: str | None = None
    ) -> None:
        """Takes the description away, which a PUT cannot (event-description-delete)."""
        path = f"/description/{segment(language)}"
        self._event("event-description-delete", "DELETE", event_id, path, None, purpose)

    def get_place(self, place_id: str, purpose: str | None = None) -> Body:
        """The place as it stands at publiq (place-get). Raises PubliqNotFound."""
        return self._transport.call(
            "place-get",
            "GET",
            "io",
            f"/places/{segment(place_id)}",
            auth="none",
            purpose=purpose,
            parse=_document,
        )

    def get_organizer(self, organizer_id: str, purpose: str | None = None) -> Body:
        """The organizer as it stands at publiq (organizer-get). Raises PubliqNotFound.

        One with `workflowStatus` DELETED is found as well.
        """
        return self._transport.call(
            "organizer-get",
            "GET",
            "io",
            f"/organizers/{segment(organizer_id)}",
            purpose=purpose,
            parse=_document,
        )

    def create_place(self, body: Mapping[str, Any], purpose: str | None = None) -> str:
        """Creates a place and gives its id (place-post).

        A place that exists already is refused with problem uitdatabank/duplicate-place; its
        address is found by `duplicate_place(error.extras)`.
        """
        return self._transport.call(
            "place-post", "POST", "io", "/places", json=body, purpose=purpose, parse=_created_id
        )

    def create_organizer(self, body: Mapping[str, Any], purpose: str | None = None) -> str:
        """Creates an organizer and gives its id (organizer-post)."""
        return self._transport.call(
            "organizer-post",
            "POST",
            "io",
            "/organizers",
            json=body,
            purpose=purpose,
            parse=_created_id,
        )

    def upload_image(
        self,
        file: BinaryIO,
        filename: str,
        media_type: str,
        *,
        description: str,
        copyright_holder: str,
        language: str = "nl",
        purpose: str | None = None,
    ) -> str:
        """Uploads a picture (png, jpeg or gif) and gives its `@id` for mediaObject (image-post)."""
        parts = {
            "file": (filename, file, media_type),
            "description": (None, description),
            "copyrightHolder": (None, copyright_holder),
            "language": (None, language),
        }
        return self._transport.call(
            "image-post",
            "POST",
            "io",
            "/images",
            files=parts,
            purpose=purpose,
            parse=lambda answer: _filled(answer["@id"]),
        )

    def _event(
        self,
        operation: str,
        method: str,
        event_id: str,
        path: str,
        body: Any,
        purpose: str | None,
    ) -> None:
        address = f"/events/{segment(event_id)}{path}"
        self._transport.call(operation, method, "io", address, json=body, purpose=purpose)


def duplicate_place(extras: Mapping[str, Any]) -> str | None:
    """The address of the place that exists already, in the extras of a refused create_place.

    publiq documents another spelling of the key than it sends.
    """
    for key in ("duplicatePlaceUri", "duplicatePlaceUrl"):
        if isinstance(extras.get(key), str):
            return extras[key]
    return None


def _created_id(answer: Mapping[str, Any]) -> str:
    found = answer.get("id") or id_of(answer["url"])
    return _filled(found)


def _filled(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("an id is a text")
    return value


def _document(answer: Any) -> Body:
    if not isinstance(answer, dict):
        raise ValueError("a document is an object")
    return answer


def _written(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("A moment for publiq must be aware")
    return value.isoformat(timespec="seconds")
