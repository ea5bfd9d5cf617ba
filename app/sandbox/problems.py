"""Problems as publiq tells them: application/problem+json with a type, sometimes in Dutch."""

from flask import Response, json

PREFIX = "https://api.publiq.be/probs/"
TITLES = {
    "auth/unauthorized": "Unauthorized",
    "auth/forbidden": "Forbidden",
    "url/not-found": "URL not found",
    "url/query-limit-exceeded": "Query limit exceeded",
    "method/not-allowed": "Method not allowed",
    "header/unsupported-media-type": "Unsupported media type",
    "body/missing": "Body missing",
    "body/invalid-syntax": "Invalid body syntax",
    "body/invalid-data": "Invalid body data",
}


class Problem(Exception):
    """One refusal of publiq: `type` below the common prefix, status, message for the person."""

    def __init__(self, kind, status=400, *, detail=None, message=None, errors=None, **extras):
        super().__init__(kind)
        self.kind = kind
        self.status = status
        self.detail = detail
        self.message = message
        self.errors = errors
        self.extras = extras

    def body(self):
        """The problem as a dictionary, without what was left out."""
        name = self.kind.rsplit("/", 1)[-1].replace("-", " ")
        body = {
            "type": PREFIX + self.kind,
            "title": TITLES.get(self.kind, name.capitalize()),
            "status": self.status,
        }
        if self.detail:
            body["detail"] = self.detail
        if self.message:
            body["endUserMessage"] = {"nl": self.message}
        if self.errors:
            body["schemaErrors"] = [
                {"jsonPointer": pointer, "error": error} for pointer, error in self.errors
            ]
        return body | self.extras

    def response(self):
        return Response(
            json.dumps(self.body(), ensure_ascii=False),
            status=self.status,
            content_type="application/problem+json",
        )


def not_found(detail):
    return Problem("url/not-found", 404, detail=detail)


def invalid_data(*errors):
    """`errors` are pairs of a JSON pointer and a sentence for developers."""
    return Problem("body/invalid-data", 400, errors=list(errors))


def forbidden(detail):
    return Problem("auth/forbidden", 403, detail=detail)
