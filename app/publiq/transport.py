"""The one entrance to publiq: every request goes through Transport.call.

It adds the token (S3), keeps time, tries again only what is safe to try again, writes every
request to the log of calls (S4) and turns whatever happens into a value or a PubliqError.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import requests
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error

from app.publiq.addresses import Addresses, require_safe
from app.publiq.answers import READS, Verdict, judge
from app.publiq.calls import CallRecord, outcome_name
from app.publiq.errors import (
    PubliqAuthenticationFailed,
    PubliqBusy,
    PubliqUnreachable,
)
from app.publiq.exchange import Answer, Timeouts, exchange, new_session
from app.publiq.redaction import (
    body_text,
    quiet_oauth_logs,
    redact_body,
    redact_text,
    redact_url,
    uitpas_answer,
)
from app.publiq.slots import Slots, no_slot
from app.publiq.tokens import TOKEN_PATH, Token, TokenStore, lock_of
from app.publiq.wire import encode, pairs

Api = Literal["io", "search", "taxonomy", "uitpas"]
Auth = Literal["bearer", "client-id", "none"]

TOKEN_OPERATION = "token"  # noqa: S105 - the name of a call, no secret

# Before a read is sent a second time; in seconds.
PAUSE = 0.3

# If publiq does not say how long a token lives, it is taken to live this long.
_UNSAID_LIFETIME = 600


@dataclass(frozen=True)
class _Request:
    operation: str
    method: str
    api: str
    url: str
    params: list[tuple[str, str]]
    content: bytes | None
    body: Any
    files: Any
    parse: Callable[[Any], Any] | None
    timeouts: Timeouts
    purpose: str | None
    headers: Mapping[str, str]


class Transport:
    """Sends requests to publiq for one client in one environment; safe to share by threads.

    `before_call` runs before anything else of a call and may raise to forbid it. `record` is
    given each HTTP request, token requests included, also those that failed; what it returns
    becomes `call_id` of the error. It must not raise: an answer would be lost by it.
    """

    def __init__(
        self,
        *,
        addresses: Addresses,
        client_id: str,
        client_secret: str,
        tokens: TokenStore,
        record: Callable[[CallRecord], object | None],
        before_call: Callable[[], None],
        slots: Slots | None,
        timeouts: Timeouts | None = None,
        session: requests.Session | None = None,
    ) -> None:
        require_safe(addresses)
        quiet_oauth_logs()
        self.addresses = addresses
        self.client_id = client_id
        self.timeouts = timeouts or Timeouts()
        self._client_secret = client_secret
        self._tokens = tokens
        self._record = record
        self._before_call = before_call
        self._slots = slots
        self._session = session or new_session()

    def call(
        self,
        operation: str,
        method: str,
        api: Api,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        files: Any = None,
        auth: Auth = "bearer",
        timeout: Timeouts | float | None = None,
        purpose: str | None = None,
        parse: Callable[[Any], Any] | None = None,
    ) -> Any:
        """One call to publiq: the parsed JSON, what `parse` makes of it, or None for no body.

        `timeout` in seconds of silence. Parameters that are None are left out; lists repeat
        their name. Raises PubliqError; ValueError for a body that is no JSON.
        """
        self._before_call()
        request = _Request(
            operation=operation,
            method=method,
            api=api,
            url=getattr(self.addresses, api) + path,
            params=pairs(params or {}),
            content=None if json is None else encode(json),
            body=json,
            files=files,
            parse=parse,
            timeouts=self._timeouts(timeout),
            purpose=purpose,
            headers={},
        )
        with self._slot(operation):
            if auth == "bearer":
                return self._with_token(request)
            if auth == "client-id":
                request = replace(request, headers={"x-client-id": _header(self.client_id)})
            return _outcome(self._send(request))

    def fetch_token(self) -> Token:
        """A token asked anew, kept for later calls: proves client id and secret (S1).

        Raises PubliqAuthenticationFailed when they are wrong, PubliqUnreachable, PubliqBusy.
        """
        self._before_call()
        with self._slot(TOKEN_OPERATION), self._token_lock():
            return self._ask_token()

    def _slot(self, operation: str):
        return self._slots.held(operation) if self._slots else no_slot()

    def _timeouts(self, timeout: Timeouts | float | None) -> Timeouts:
        if timeout is None:
            return self.timeouts
        if isinstance(timeout, Timeouts):
            return timeout
        return replace(self.timeouts, read=timeout, total=max(timeout, self.timeouts.total))

    def _with_token(self, request: _Request) -> Any:
        last_moment = time.monotonic() + request.timeouts.total
        token = self._token()
        _require_time(request, last_moment)
        verdict = self._send(request, token)
        if verdict.error is not None and verdict.error.status == 401:
            # A 401 surely carried nothing out, so the repeat is safe for writes too; once.
            self._tokens.drop(self.client_id, token.access_token)
            token = self._token(refused=token)
            _require_time(request, last_moment)
            verdict = self._send(request, token)
        return _outcome(verdict)

    def _send(self, request: _Request, token: Token | None = None) -> Verdict:
        verdict = self._attempt(request, token)
        if verdict.may_pass and request.method in READS:
            time.sleep(PAUSE)
            verdict = self._attempt(request, token)
        return verdict

    def _attempt(self, request: _Request, token: Token | None) -> Verdict:
        headers = dict(request.headers)
        if request.content is not None:
            headers["Content-Type"] = "application/json"
        if token is not None:
            headers["Authorization"] = "Bearer " + _header(token.access_token)
        prepared = self._session.prepare_request(
            requests.Request(
                request.method,
                request.url,
                params=request.params,
                data=request.content,
                files=request.files,
                headers=headers,
                # Without an auth of our own, a .netrc of the server would replace the token.
                auth=_as_it_is,
            )
        )
        started_at = datetime.now(UTC)
        answer = exchange(self._session, prepared, request.timeouts)
        verdict = judge(request.operation, request.method, answer, request.parse)
        self._write_down(request, prepared.url or request.url, started_at, answer, verdict, token)
        return verdict

    def _write_down(
        self,
        request: _Request,
        url: str,
        started_at: datetime,
        answer: Answer,
        verdict: Verdict,
        token: Token | None = None,
    ) -> None:
        # A sandbox may take its client id for secret; then it is none, and words stay readable.
        secret = "" if self._client_secret == self.client_id else self._client_secret
        secrets = (secret, token.access_token if token else "")
        keep = uitpas_answer if request.api == "uitpas" else redact_body
        error = verdict.error
        purpose = redact_text(request.purpose, secrets) if request.purpose else None
        call_id = self._record(
            CallRecord(
                operation=request.operation,
                method=request.method,
                url=redact_url(url, secrets),
                started_at=started_at,
                duration_ms=answer.duration_ms,
                status=answer.status,
                outcome=outcome_name(error),
                problem_type=redact_text(error.type, secrets) if error and error.type else None,
                problem_title=redact_text(error.title, secrets) if error and error.title else None,
                request_body=body_text(redact_body(_shown(request), secrets)),
                response_body=body_text(keep(verdict.body, secrets)),
                purpose=purpose,
            )
        )
        if error is not None:
            error.call_id = call_id

    # Tokens

    def _token(self, refused: Token | None = None) -> Token:
        """A token that can be used; never the one that publiq just refused."""
        token = self._tokens.get(self.client_id)
        if token is not None and _differs(token, refused) and token.is_fresh():
            return token
        with self._token_lock():
            # Another thread may have fetched one while this one waited.
            token = self._tokens.get(self.client_id)
            if token is not None and _differs(token, refused) and token.is_fresh():
                return token
            try:
                return self._ask_token()
            except (PubliqUnreachable, PubliqBusy):
                if token is not None and _differs(token, refused) and token.is_valid():
                    return token
                raise

    @contextmanager
    def _token_lock(self) -> Iterator[None]:
        lock = lock_of(self.addresses.account, self.client_id)
        longest = self.timeouts.connect + self.timeouts.total
        if not lock.acquire(timeout=longest):
            raise PubliqBusy(TOKEN_OPERATION)
        try:
            yield
        finally:
            lock.release()

    def _ask_token(self) -> Token:
        client = BackendApplicationClient(client_id=self.client_id)
        form = client.prepare_request_body(
            include_client_id=True, client_secret=self._client_secret
        )
        request = _Request(
            operation=TOKEN_OPERATION,
            method="POST",
            api="account",
            url=self.addresses.account + TOKEN_PATH,
            params=[],
            content=None,
            body=None,
            files=None,
            parse=None,
            timeouts=self.timeouts,
            purpose=None,
            headers={},
        )
        prepared = self._session.prepare_request(
            requests.Request(
                "POST",
                request.url,
                data=form,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                auth=_as_it_is,
            )
        )
        started_at = datetime.now(UTC)
        answer = exchange(self._session, prepared, self.timeouts)
        verdict = self._judge_token(client, answer, started_at)
        self._write_down(request, request.url, started_at, answer, verdict)
        token: Token = _outcome(verdict)
        self._tokens.put(self.client_id, token)
        return token

    def _judge_token(
        self, client: BackendApplicationClient, answer: Answer, asked_at: datetime
    ) -> Verdict:
        """The token in the answer, or why there is none; the answer itself is kept nowhere."""

        def parse(_: Any) -> Token:
            return _read_token(client, answer.content.decode(), asked_at)

        verdict = judge(TOKEN_OPERATION, "GET", answer, parse)
        error = verdict.error
        if error is None:
            return Verdict(value=verdict.value)
        facts = {"status": answer.status, "title": error.title or _oauth_error(verdict.body)}
        if isinstance(error, PubliqBusy):
            return Verdict(error=error)
        if answer.status in (400, 401, 403):
            return Verdict(error=PubliqAuthenticationFailed(TOKEN_OPERATION, **facts))
        # Whatever became of the token: the call it was meant for was never sent.
        return Verdict(error=PubliqUnreachable(TOKEN_OPERATION, **facts))


def _differs(token: Token, refused: Token | None) -> bool:
    return refused is None or token.access_token != refused.access_token


def _require_time(request: _Request, last_moment: float) -> None:
    """Refuses to send what spent its time on waiting for a token.

    Whoever looks up an unknown sale must know after what time it can no longer be sent.
    """
    if time.monotonic() > last_moment:
        raise PubliqBusy(request.operation)


def _header(value: str) -> str:
    """The value as a header carries it; headers are Latin-1, and people type anything."""
    return value.encode().decode("latin-1")


def _shown(request: _Request) -> Any:
    """The body as the log shows it: of an upload only the names of its parts."""
    if request.files is not None:
        return {"parts": sorted(request.files)}
    return request.body


def _as_it_is(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    return prepared


def _outcome(verdict: Verdict) -> Any:
    if verdict.error is not None:
        raise verdict.error
    return verdict.value


def _read_token(client: BackendApplicationClient, text: str, asked_at: datetime) -> Token:
    """Raises ValueError when the answer holds no token."""
    try:
        answer = client.parse_request_body_response(text)
    except OAuth2Error:
        answer = {}
    access_token = answer.get("access_token")
    lifetime = int(answer.get("expires_in") or _UNSAID_LIFETIME)
    if not isinstance(access_token, str) or not access_token or lifetime <= 0:
        raise ValueError("no token in the answer")
    return Token(access_token, asked_at + timedelta(seconds=lifetime))


def _oauth_error(body: Any) -> str | None:
    error = body.get("error") if isinstance(body, Mapping) else None
    return redact_text(error) if isinstance(error, str) else None
