"""Tokens and who is calling: `POST …/openid-connect/token`, Bearer and x-client-id."""

import hmac
import secrets
import time

from flask import Blueprint, current_app, g, jsonify, request

from app.sandbox.problems import Problem

account = Blueprint("account", __name__, url_prefix="/account")


@account.post("/realms/uitid/protocol/openid-connect/token")
@account.post("/oauth/token")
def give_token():
    """Client credentials, form-urlencoded, answered as Keycloak does."""
    sandbox = current_app.extensions["sandbox"]
    if request.mimetype != "application/x-www-form-urlencoded":
        return _refused(415, "invalid_request", "Content-Type must be form-urlencoded")
    grant_type = request.form.get("grant_type")
    if not grant_type:
        return _refused(400, "invalid_request", "Missing form parameter: grant_type")
    if grant_type != "client_credentials":
        return _refused(400, "unsupported_grant_type", "Unsupported grant_type")
    client_id = request.form.get("client_id", "")
    if client_id != sandbox.client_id:
        return _refused(401, "invalid_client", "Invalid client or Invalid client credentials")
    secret = request.form.get("client_secret", "")
    if not hmac.compare_digest(secret.encode(), sandbox.client_secret.encode()):
        return _refused(401, "unauthorized_client", "Invalid client or Invalid client credentials")
    value = secrets.token_urlsafe(32)
    store = sandbox.store
    with store.writing():
        store.write("DELETE FROM token WHERE expires_at < ?", time.time())
        store.write(
            "INSERT INTO token VALUES (?, ?, ?)",
            *(value, client_id, time.time() + sandbox.token_seconds),
        )
    answer = {"access_token": value, "expires_in": sandbox.token_seconds}
    return jsonify(answer | {"token_type": "Bearer"})


def _refused(status, error, description):
    return jsonify(error=error, error_description=description), status


def require_token():
    """Refuse a call without a token that is still valid; remember whose it is."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    row = None
    if kind == "Bearer":
        store = current_app.extensions["sandbox"].store
        row = store.row(
            "SELECT client_id FROM token WHERE value = ? AND expires_at > ?", value, time.time()
        )
    if row is None:
        raise Problem("auth/unauthorized", 401, detail="The access token is missing or expired.")
    g.client_id = row["client_id"]


def require_client():
    """Search and two calls of UiTPAS also take a client id instead of a token."""
    sandbox = current_app.extensions["sandbox"]
    client_id = request.headers.get("x-client-id") or request.args.get("clientId")
    if client_id is None:
        require_token()
    elif client_id != sandbox.client_id:
        raise Problem("auth/unauthorized", 401, detail="The client id is unknown.")
    else:
        g.client_id = client_id


def revoke_tokens(store):
    """All tokens given so far stop working, as when they expire."""
    store.write("DELETE FROM token")
