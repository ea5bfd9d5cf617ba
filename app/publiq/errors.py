"""What can go wrong in a call to publiq, as types that say what it means for the caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PROBLEM_PREFIX = "https://api.publiq.be/probs/"

# publiq spells some problems differently in different places (contract, part 2).
_SPELLINGS = {
    "uitpas/invalid-uitpasnumber": "uitpas/invalid-uitpas-number",
    "uitpas/disributionkey-not-found": "uitpas/distributionkey-not-found",
    "uitpas/social-tariff-discount-expired": "uitpas/social-tariff-expired",
    "body/image-must-be-linked-to-resource": "uitdatabank/image-must-be-linked-to-resource",
}


@dataclass(frozen=True)
class SchemaError:
    """One place in a body that publiq refuses; developer text, never for a citizen."""

    json_pointer: str
    error: str


class PubliqError(Exception):
    """A call to publiq that did not end well.

    `may_have_arrived`: the request may have been carried out although no answer says so; look
    it up before doing it again. `retry_safe`: sending the very same request again does no harm.
    `end_user_message` is publiq's own Dutch sentence, to be shown word for word; `title`,
    `detail` and `schema_errors` are for developers. `call_id` is what the recorder of calls
    returned. `retry_after` is in seconds.

    The text of the error names the operation, the problem and the status, nothing that was
    sent: it may be logged.
    """

    may_have_arrived = False
    retry_safe = False
    kind = "failed"

    def __init__(
        self,
        operation: str,
        *,
        type: str | None = None,  # noqa: A002 - publiq's name for it
        status: int | None = None,
        title: str | None = None,
        detail: str | None = None,
        end_user_message: str | None = None,
        schema_errors: tuple[SchemaError, ...] = (),
        json_pointer: str | None = None,
        extras: Mapping[str, Any] | None = None,
        call_id: object | None = None,
        may_have_arrived: bool | None = None,
        retry_safe: bool | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(operation)
        self.operation = operation
        self.type = type
        self.status = status
        self.title = title
        self.detail = detail
        self.end_user_message = end_user_message
        self.schema_errors = schema_errors
        self.json_pointer = json_pointer
        self.extras = dict(extras or {})
        self.call_id = call_id
        self.retry_after = retry_after
        if may_have_arrived is not None:
            self.may_have_arrived = may_have_arrived
        if retry_safe is not None:
            self.retry_safe = retry_safe

    @property
    def problem(self) -> str:
        """Short name of publiq's problem, as `uitpas/maximum-reached`; empty if it gave none."""
        return problem_name(self.type)

    def __str__(self) -> str:
        status = f" ({self.status})" if self.status is not None else ""
        return f"{self.operation}: {self.problem or self.kind}{status}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


class PubliqUnreachable(PubliqError):  # noqa: N818 - states what happened
    """Nothing was carried out: no connection, or a question that publiq could not answer."""

    retry_safe = True
    kind = "unreachable"


class PubliqAnswerLost(PubliqError):  # noqa: N818 - states what happened
    """The request went out and no readable answer came back: it may have been carried out."""

    may_have_arrived = True
    kind = "answer lost"


class PubliqRefused(PubliqError):  # noqa: N818 - states what happened
    """publiq refused the request and did nothing."""

    kind = "refused"


class PubliqNotFound(PubliqRefused):
    """publiq does not know what was asked for (404)."""

    kind = "not found"


class PubliqForbidden(PubliqRefused):
    """These credentials may not do this (403); a new token would not help."""

    kind = "forbidden"


class PubliqAuthenticationFailed(PubliqError):  # noqa: N818 - states what happened
    """Client id or secret are wrong, or a token fetched a moment ago was refused."""

    kind = "authentication failed"


class PubliqBusy(PubliqError):  # noqa: N818 - states what happened
    """publiq asks to slow down (429), or too many of our own threads wait for it already."""

    retry_safe = True
    kind = "busy"


def problem_name(type_uri: str | None) -> str:
    """The part of a problem's type after publiq's prefix, in one spelling; else empty."""
    if not type_uri or not type_uri.startswith(PROBLEM_PREFIX):
        return ""
    name = type_uri.removeprefix(PROBLEM_PREFIX)
    if name.startswith("headers/"):
        name = "header/" + name.removeprefix("headers/")
    return _SPELLINGS.get(name, name)
