"""How often something may be tried: by address and by account, in the store of Flask-Limiter."""

from ipaddress import IPv6Address, IPv6Network

from flask import request
from limits import RateLimitItem, parse

from app.encryption import keyring
from app.extensions import limiter

SIGN_IN_PAIR = parse("10 per 15 minutes")
SIGN_IN_ACCOUNT = parse("40 per 15 minutes")
SIGN_IN_ADDRESS = parse("60 per 15 minutes")
SIGN_UP = parse("20 per hour")
RESET = parse("8 per hour")
PASS_LOOK_UP = parse("10 per hour")
LEFT_FOR_NEW = 5
"""Look-ups of an hour that are kept for numbers that were not asked yet."""


def visitor_address() -> str:
    """Where the request comes from, as far as the trusted proxies say.

    Of an IPv6 address only the network: one home has all the addresses in it.
    """
    shown = request.remote_addr or "unknown"
    if ":" not in shown:
        return shown
    try:
        address = IPv6Address(shown)
    except ValueError:
        return shown
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), 64), strict=False))


def may_try_to_sign_in(email: str) -> bool:
    """Count a try; False when this account or this address had too many that failed.

    The pair is counted before the password is looked at, so that tries at the same time count
    too; a sign-in that succeeds takes its own away (sign_in_succeeded).
    """
    if not limiter.enabled:
        return True
    who, address = _hidden(email), visitor_address()
    rules = limiter.limiter
    return (
        rules.test(SIGN_IN_ACCOUNT, "sign-in-account", who)
        and rules.test(SIGN_IN_ADDRESS, "sign-in-address", address)
        and rules.hit(SIGN_IN_PAIR, "sign-in", who, address)
    )


def sign_in_failed(email: str) -> None:
    """Count a failed try for the account, from wherever, and for the address, for whomever."""
    if limiter.enabled:
        limiter.limiter.hit(SIGN_IN_ACCOUNT, "sign-in-account", _hidden(email))
        limiter.limiter.hit(SIGN_IN_ADDRESS, "sign-in-address", visitor_address())


def sign_in_succeeded(email: str) -> None:
    """Forget the failed tries of this pair."""
    if limiter.enabled:
        limiter.limiter.clear(SIGN_IN_PAIR, "sign-in", _hidden(email), visitor_address())


def may_sign_up() -> bool:
    """Count a sign-up from this address."""
    return _hit(SIGN_UP, "sign-up", visitor_address())


def may_ask_reset(email: str) -> bool:
    """Count a forgotten password, by address and by account."""
    return _hit(RESET, "reset-address", visitor_address()) and _hit(
        RESET, "reset-account", _hidden(email)
    )


def may_look_up_pass(account_id: int) -> bool:
    """Count a look-up of a pass by the public; at most 10 an hour per account and address.

    A stranger shall not learn from the shop who has a pass (DESIGN: What must never break, 7).
    """
    return _hit(PASS_LOOK_UP, "pass-account", str(account_id)) and _hit(
        PASS_LOOK_UP, "pass-address", visitor_address()
    )


def may_repeat_look_up(account_id: int) -> bool:
    """Count a question to UiTPAS that was answered before and is put again for its words.

    It is one of the 10 too, and only while there are some to spare: who looks at the page time
    after time shall still be able to type the number of a card.
    """
    names = (("pass-account", str(account_id)), ("pass-address", visitor_address()))
    spare = not limiter.enabled or all(
        limiter.limiter.get_window_stats(PASS_LOOK_UP, *one).remaining > LEFT_FOR_NEW
        for one in names
    )
    return spare and may_look_up_pass(account_id)


def _hit(limit: RateLimitItem, *names: str) -> bool:
    return not limiter.enabled or limiter.limiter.hit(limit, *names)


def _hidden(email: str) -> str:
    """The store of the limits needs no e-mail addresses."""
    return keyring.fingerprint(email.strip().lower())[:24]
