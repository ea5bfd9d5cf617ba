"""A browser in which a member of staff has signed in."""

from app.extensions import limiter
from tests.signing_in import make_account, post, sign_in

PAGE = "/wachtwoord-vergeten"


def signed_in(app, role, email=None):
    """A client signed in with this role."""
    limiter.reset()
    email = email or f"{role}@voorbeeld.be"
    make_account(email, [role], first_name="Hanne", last_name="Lindewater")
    client = app.test_client()
    sign_in(client, email)
    return client


def words(answer):
    """The page as text, hard spaces made soft."""
    return answer.get_data(as_text=True).replace("\xa0", " ")


__all__ = ["post", "signed_in", "words"]
