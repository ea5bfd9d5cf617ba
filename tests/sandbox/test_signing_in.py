from tests.sandbox.calling import CREDENTIALS, TOKEN_PATH, Caller


def test_a_token_is_given_for_the_right_id_and_secret(sandbox):
    answer = sandbox.test_client().post(TOKEN_PATH, data=CREDENTIALS)
    assert answer.status_code == 200
    assert answer.json["token_type"] == "Bearer"
    assert answer.json["expires_in"] == 86400


def test_wrong_credentials_are_refused_as_keycloak_does(sandbox):
    client = sandbox.test_client()
    answer = client.post(TOKEN_PATH, data=CREDENTIALS | {"client_secret": "x"})
    assert (answer.status_code, answer.json["error"]) == (401, "unauthorized_client")
    answer = client.post(TOKEN_PATH, data=CREDENTIALS | {"client_id": "x"})
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    answer = client.post(TOKEN_PATH, data=CREDENTIALS | {"grant_type": "password"})
    assert (answer.status_code, answer.json["error"]) == (400, "unsupported_grant_type")
    assert client.post(TOKEN_PATH, json=CREDENTIALS).status_code == 415


def test_a_call_without_a_valid_token_is_refused(call):
    for headers in ({}, {"Authorization": "Bearer stale"}, {"Authorization": "Basic x"}):
        answer = call("GET", "/uitpas/permissions", headers=headers)
        assert answer.status_code == 401
        assert answer.json["type"] == "https://api.publiq.be/probs/auth/unauthorized"


def test_a_token_expires(call, monkeypatch):
    assert call("GET", "/uitpas/permissions").status_code == 200
    monkeypatch.setattr("app.sandbox.auth.time.time", lambda: 4_000_000_000)
    assert call("GET", "/uitpas/permissions").status_code == 401


def test_search_and_rewards_also_take_a_client_id(call):
    known = {"x-client-id": "demo"}
    assert call("GET", "/search/places", headers=known).status_code == 200
    assert call("GET", "/search/places?clientId=demo", headers={}).status_code == 200
    assert call("GET", "/uitpas/rewards", headers=known).status_code == 200
    assert call("GET", "/uitpas/permissions", headers=known).status_code == 401
    assert call("GET", "/search/places", headers={"x-client-id": "x"}).status_code == 401


def test_a_file_that_is_not_new_keeps_what_it_holds(sandbox, call, tmp_path):
    from app.sandbox import create_sandbox

    event_id = call.event()
    again = create_sandbox(str(tmp_path / "sandbox.sqlite"), delay_seconds=0)
    assert Caller(again)("GET", f"/io/events/{event_id}").status_code == 200
    again.extensions["sandbox"].store.close()
