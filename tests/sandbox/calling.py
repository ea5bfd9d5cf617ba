"""Speaking to a sandbox as our client does, and bodies that it takes."""

TOKEN_PATH = "/account/realms/uitid/protocol/openid-connect/token"
CREDENTIALS = {
    "grant_type": "client_credentials",
    "client_id": "demo",
    "client_secret": "demo",
}


class Caller:
    """Calls the sandbox as our client does: signed in, JSON in, response out."""

    def __init__(self, app):
        self.app = app
        self.http = app.test_client()
        self.sign_in()

    def sign_in(self):
        answer = self.http.post(TOKEN_PATH, data=CREDENTIALS)
        self.headers = {"Authorization": "Bearer " + answer.json["access_token"]}

    def __call__(self, method, path, json=None, **options):
        headers = options.pop("headers", self.headers)
        if json is not None:
            options["json"] = json
        return self.http.open(path, method=method, headers=headers, **options)

    def event(self, **changes):
        """Publish an event and return its id. `changes` are fields of the body; None leaves out."""
        response = self("POST", "/io/events", event_body(self, **changes))
        assert response.status_code == 201, response.json
        return response.json["id"]

    def place_id(self, name="Speelplein De Boomhut"):
        places = self("GET", "/search/places?postalCode=9995&embed=true").json["member"]
        return next(p["@id"] for p in places if p["name"]["nl"] == name)

    def organizer_id(self, name="Gemeente Zonnewende – Vrije Tijd"):
        found = self("GET", "/uitpas/permissions").json
        return next(p["organizer"]["id"] for p in found if p["organizer"]["name"] == name)

    def sell(self, *items):
        return self("POST", "/uitpas/ticket-sales", list(items))


def event_body(caller, **changes):
    """A body that publiq takes, with the fields in `changes` replaced."""
    body = {
        "workflowStatus": "READY_FOR_VALIDATION",
        "mainLanguage": "nl",
        "name": {"nl": "Kleuterturnen in de herfst"},
        "terms": [
            {"id": "0.59.0.0.0", "domain": "eventtype"},
            {"id": "1.51.12.0.0", "domain": "theme"},
        ],
        "location": {"@id": caller.place_id()},
        "organizer": {"@id": f"http://localhost/io/organizers/{caller.organizer_id()}"},
        "calendarType": "single",
        "subEvent": [
            {"startDate": "2099-09-12T09:00:00+02:00", "endDate": "2099-09-12T11:00:00+02:00"}
        ],
        "description": {"nl": "Samen bewegen."},
        "priceInfo": [{"category": "base", "price": 12.5, "name": {"nl": "Basistarief"}}],
        "audience": {"audienceType": "everyone"},
        "labels": ["herfst"],
    }
    body.update(changes)
    return {key: value for key, value in body.items() if value is not None}


def sale(event_id, number="0910000000117", price=10, tariff="SOCIALTARIFF-20", label=None):
    item = {
        "eventId": event_id,
        "uitpasNumber": number,
        "regularPrice": price,
        "tariff": {"id": tariff},
    }
    return item | ({"regularPriceLabel": label} if label else {})
