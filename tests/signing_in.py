"""For every test: make an account, sign in through the real form, and post with a CSRF token."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.extensions import write_transaction
from app.people.models import Account, AccountRole, Customer, Role
from app.people.passwords import hash_password

PASSWORD = "tien letters of meer"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
PAGE_WITH_A_FORM = "/wachtwoord-vergeten"
"""For anyone, signed in or not, and it always holds a form."""


def make_account(
    email: str,
    roles: Iterable[Role | str] = (),
    customer: bool = False,
    *,
    password: str = PASSWORD,
    first_name: str = "Sofie",
    last_name: str = "Peeters",
    postal_code: str = "9000",
    **customer_fields: Any,
) -> Account:
    """An account in the database: staff with these roles, a customer, or both."""
    with write_transaction() as session:
        account = Account(
            email=email,
            name=f"{first_name} {last_name}",
            password_hash=hash_password(password),
        )
        account.role_rows = [AccountRole(role=Role(role)) for role in roles]
        if customer:
            account.customer = Customer(
                first_name=first_name,
                last_name=last_name,
                email=email,
                postal_code=postal_code,
                **customer_fields,
            )
        session.add(account)
        session.flush()
        return account


def csrf_token(client: FlaskClient, page: str = PAGE_WITH_A_FORM) -> str:
    """The token of a form on a page of ours, as a browser would send it back."""
    answer = client.get(page)
    found = TOKEN.search(answer.get_data(as_text=True))
    assert found, f"no form with a CSRF token on {page} ({answer.status})"
    return found.group(1)


def post(
    client: FlaskClient,
    url: str,
    data: Mapping[str, Any] | None = None,
    *,
    page: str = PAGE_WITH_A_FORM,
    **kwargs: Any,
) -> TestResponse:
    """POST a form with the token of ``page``; lists in ``data`` are sent as repeated fields."""
    fields = {**(data or {}), "csrf_token": csrf_token(client, page)}
    return client.post(url, data=fields, **kwargs)


def sign_in(
    client: FlaskClient, email: str, password: str = PASSWORD, *, onward: str = ""
) -> TestResponse:
    """Fill in the form of /aanmelden; the answer is the redirect, not followed."""
    answer = client.post(
        "/aanmelden",
        query_string={"verder": onward} if onward else None,
        data={
            "email": email,
            "password": password,
            "csrf_token": csrf_token(client, "/aanmelden"),
        },
    )
    assert answer.status_code == 303, f"sign-in of {email}: {answer.status}"
    return answer
