"""publiq's OpenAPI documents as judge of what we send and of what the sandbox answers.

The documents are not part of this project. They are read from the folder in LOKET_SHARED, else
from `../shared/publiq` beside the repository; `available` says whether they are there.

Both checks refuse properties that the documents do not know. OpenAPI tolerates unknown keys, so
every place where a value is described gets `unevaluatedProperties: false` before validation.
"""

import copy
import json
import os
import re
from functools import cache
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qsl, urljoin, urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

SHARED = Path(
    os.environ.get("LOKET_SHARED")
    or Path(__file__).resolve().parents[2].parent / "shared" / "publiq"
)
DOCUMENTS = {
    "entry": "uitdatabank/reference/entry.json",
    "search": "uitdatabank/reference/search.json",
    "taxonomy": "uitdatabank/reference/taxonomy.json",
    "uitpas": "uitpas/reference/uitpas.json",
}
PREFIXES = {"entry": "/io", "search": "/search", "taxonomy": "/taxonomy", "uitpas": "/uitpas"}

available: bool = all((SHARED / path).is_file() for path in DOCUMENTS.values())
reason_unavailable = (
    "publiq's OpenAPI documents are not on this machine: put them in ../shared/publiq "
    "or name their folder in LOKET_SHARED."
)

# The published address of the problem format and the file that holds it.
ERROR_ADDRESS = "https://raw.githubusercontent.com/cultuurnet/apidocs/main/projects/"
BASE = "https://documents.example/"
NOISE = {"example", "examples", "discriminator", "xml", "externalDocs", "title", "description"}
ONE = ("items", "additionalProperties", "propertyNames")
MANY = ("allOf", "anyOf", "oneOf")
# In a read these two hold the whole place and the whole organizer, say their descriptions.
WHOLE_IN_READS = {"event-location.json": "place.json", "event-organizer.json": "organizer.json"}
# Extras of some problem types that the documents describe in prose only.
PROBLEM_EXTRAS = {
    "jsonPointer",
    "cardStatus",
    "passholderId",
    "groupPass",
    "label",
    "duplicatePlaceUri",
}
GENERAL_PROBLEMS = {
    "auth/unauthorized": 401,
    "auth/forbidden": 403,
    "url/not-found": 404,
    "method/not-allowed": 405,
    "header/unsupported-media-type": 415,
    "uitpas/rate-limited": 429,
}
# Parameters of every Search operation that only publiq's guides describe.
SEARCH_EXTRAS = {
    "start": {"type": "integer", "minimum": 0, "maximum": 10000},
    "limit": {"type": "integer", "minimum": 0, "maximum": 2000},
    "disableDefaultFilters": {"type": "boolean"},
}


class ContractError(AssertionError):
    """Something we send or answer is not what publiq's documents describe."""


def validate_request(api, method, path, headers=None, json=None):
    """Check one call of ours: address, query, sign-in, media type and body.

    `path` is publiq's own path with its query, or the whole address of the call. Raises
    ContractError with every difference found.
    """
    operation, parameters, query = _operation(api, method, path)
    headers = {name.lower(): value for name, value in dict(headers or {}).items()}
    _check_sign_in(operation, headers, query)
    _check_query(api, parameters, query)
    body = operation.get("requestBody")
    if body is None:
        _require(json is None, f"{method} {path} takes no body")
        return
    content = body["content"]
    media_type = headers.get("content-type", "application/json").split(";")[0].strip()
    _require(media_type in content, f"{method} {path} does not take {media_type}")
    if media_type == "application/json":
        _require(json is not None, f"{method} {path} needs a body")
        if api == "entry" and re.fullmatch(r"/events(/[^/]+)?", _own_path(api, path)):
            # POST also describes a deprecated body, which we never send: no anyOf here.
            validate_event_body(json)
        else:
            _check_value(api, "request", content[media_type]["schema"], json)


def validate_response(api, method, path, status, content_type=None, json=None):
    """Check one answer of the sandbox: status, media type and body, unknown properties refused."""
    operation, _, _ = _operation(api, method, path)
    responses = operation["responses"]
    if str(status) not in responses and _is_general(json, status):
        _check_value(
            "uitpas", "response", {"$ref": ERROR_ADDRESS + "errors/models/Error.json"}, json
        )
        return
    _require(str(status) in responses, f"{method} {path} never answers {status}")
    response = _follow(api, "response", responses[str(status)])
    content = response.get("content")
    if not content:
        _require(json is None, f"{method} {path} answers {status} without a body")
        return
    media_type = (content_type or "").split(";")[0].strip()
    _require(media_type in content, f"{method} {path} does not answer {media_type or 'nothing'}")
    if api == "search" and status == 200:
        json = _without_types(json)
    if media_type == "application/problem+json":
        json = {key: value for key, value in json.items() if key not in PROBLEM_EXTRAS}
    _check_value(api, "response", content[media_type]["schema"], json)


def _is_general(json, status):
    """publiq's general errors may come from any operation, says its own list of errors."""
    kind = json.get("type", "") if isinstance(json, dict) else ""
    return GENERAL_PROBLEMS.get(kind.removeprefix("https://api.publiq.be/probs/")) == status


def validate_event_body(body):
    """Check a body of POST or PUT /events against publiq's event schema, unknown keys refused."""
    schema = {"$ref": "../models/event.json", "unevaluatedProperties": False}
    _check_value("entry", "request", schema, body)


def _without_types(body):
    """Search results carry `@type`, and only `@id` and `@type` unless embedded (its own prose)."""
    members = []
    for member in body.get("member", []):
        _require("@id" in member, "a search result without @id")
        whole = {key: value for key, value in member.items() if key not in ("@type", "@context")}
        if set(whole) != {"@id"}:
            members.append(whole)
    return {**body, "member": members}


def _check_sign_in(operation, headers, query):
    schemes = [name for choice in operation.get("security", []) for name in choice]
    if not schemes:
        return
    signed = headers.get("authorization", "").startswith("Bearer ")
    identified = "CLIENT_IDENTIFICATION" in schemes and (
        "x-client-id" in headers or any(name == "clientId" for name, _ in query)
    )
    _require(signed or identified, "the call carries neither a Bearer token nor x-client-id")


def _check_query(api, parameters, query):
    known = {p["name"]: p for p in parameters if p.get("in") == "query"}
    if api == "search":
        known |= {name: {"schema": schema} for name, schema in SEARCH_EXTRAS.items()}
    sent = {}
    for name, value in query:
        _require(name in known or name == "clientId", f"unknown query parameter {name}")
        sent.setdefault(name, []).append(value)
    for name, parameter in known.items():
        if name not in sent:
            _require(not parameter.get("required"), f"query parameter {name} is missing")
            continue
        schema = parameter.get("schema", {})
        listed = schema.get("type") == "array" and parameter.get("explode") is False
        texts = [part for text in sent[name] for part in (text.split(",") if listed else [text])]
        for text in texts:
            # Every default filter of Search can be switched off with a star.
            if not (api == "search" and text == "*"):
                inner = schema.get("items", schema) if schema.get("type") == "array" else schema
                _check_value(api, "request", inner, _typed(inner, text))


def _typed(schema, text):
    kind = schema.get("type")
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    return text


def _own_path(api, path):
    own = urlsplit(path).path
    prefix = PREFIXES[api]
    return own[len(prefix) :] if own.startswith(prefix + "/") else own


def _operation(api, method, path):
    own = _own_path(api, path)
    document = _document(api, "request")
    matches = [
        template
        for template in document["paths"]
        if re.fullmatch(re.sub(r"\{[^/]+?\}", "[^/]+", template.replace(".", r"\.")), own)
    ]
    _require(bool(matches), f"{api} has no {own}")
    # /rewards/redeemed also fits /rewards/{rewardId}: the fewest placeholders win.
    item = document["paths"][min(matches, key=lambda template: template.count("{"))]
    operation = item.get(method.lower())
    _require(operation is not None, f"{api} has no {method} {own}")
    parameters = [
        _follow(api, "request", parameter)
        for parameter in [*item.get("parameters", []), *operation.get("parameters", [])]
    ]
    return operation, parameters, parse_qsl(urlsplit(path).query, keep_blank_values=True)


def _follow(api, mode, node):
    while "$ref" in node:
        resolver = _registry(mode).resolver(_address(mode, DOCUMENTS[api]))
        node = resolver.lookup(node["$ref"]).contents
    return node


def _check_value(api, mode, schema, value):
    address = _address(mode, DOCUMENTS[api])
    wrapped = Resource(
        contents={"$id": address + "-value", **_value(schema, mode)}, specification=DRAFT202012
    )
    registry = _registry(mode).with_resource(address + "-value", wrapped)
    schema_here = _absolute(wrapped.contents, address)
    validator = Draft202012Validator(schema_here, registry=registry, format_checker=_formats())
    problems = [line for error in validator.iter_errors(value) for line in _leaves(error)]
    _require(not problems, "\n".join(problems))


def _absolute(node, address):
    """References inside an operation are relative to its document: give them its address."""
    if isinstance(node, dict):
        return {
            key: (address + item if item.startswith("#") else urljoin(address, item))
            if key == "$ref" and isinstance(item, str)
            else _absolute(item, address)
            for key, item in node.items()
        }
    return [_absolute(item, address) for item in node] if isinstance(node, list) else node


def _leaves(error):
    """The differences that matter: the innermost ones below anyOf and oneOf."""
    if error.context:
        return [line for inner in error.context for line in _leaves(inner)]
    place = "/" + "/".join(str(part) for part in error.absolute_path)
    return [f"{place}: {error.message[:400]}"]


def _require(holds, sentence):
    if not holds:
        raise ContractError(sentence)


@cache
def _formats():
    checker = FormatChecker()
    checker.checkers = dict(Draft202012Validator.FORMAT_CHECKER.checkers)

    @checker.checks("uri")
    def _is_uri(value):
        return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)

    return checker


def _address(mode, path):
    return f"{BASE}{mode}/{path}"


@cache
def _registry(mode):
    return Registry(retrieve=cache(_retrieve))


@cache
def _retrieve(address):
    if address.startswith(ERROR_ADDRESS):
        mode, path = "response", address.removeprefix(ERROR_ADDRESS)
    else:
        mode, _, path = address.removeprefix(BASE).partition("/")
    node = _read(path)
    name = path.rsplit("/", 1)[-1]
    if mode == "response" and name in WHOLE_IN_READS:
        node = {"$ref": "./" + WHOLE_IN_READS[name]}
    node = _merged_items(node, path)
    contents = _strict_document(node, mode) if "openapi" in node else _strict(node, mode)
    return Resource(contents=contents, specification=DRAFT202012)


@cache
def _read(path):
    return json.loads((SHARED / path).read_text(encoding="utf-8"))


def _merged_items(node, path):
    """One schema adds a property to the items of another by allOf: read as one schema.

    Otherwise each half would refuse what only the other half describes.
    """
    base, *additions = node.get("allOf", [{}])
    added = [part["items"]["properties"] for part in additions if "items" in part]
    if not added or "$ref" not in base:
        return node
    merged = copy.deepcopy(_read(str(PurePosixPath(path).parent / base["$ref"])))
    for properties in added:
        merged["items"]["properties"].update(properties)
    return merged


@cache
def _document(api, mode):
    return _retrieve(_address(mode, DOCUMENTS[api])).contents


def _strict_document(document, mode):
    components = document.get("components", {})
    schemas = {
        name: _strict(schema, mode) for name, schema in components.get("schemas", {}).items()
    }
    return {**document, "components": {**components, "schemas": schemas}}


def _value(schema, mode):
    """A schema that describes a whole value: what it does not mention is refused."""
    strict = _strict(schema, mode)
    describes = {"properties", "$ref", *MANY} & set(strict)
    if describes and not {"additionalProperties", "unevaluatedProperties"} & set(strict):
        strict["unevaluatedProperties"] = False
    return strict


def _strict(schema, mode):
    """Rewrite one schema to strict Draft 2020-12; as part of a larger one it stays open itself."""
    if not isinstance(schema, dict):
        return schema
    strict = {}
    for key, node in schema.items():
        if key in NOISE or key.startswith("x-"):
            continue
        if key in ("properties", "patternProperties"):
            strict[key] = {name: _value(inner, mode) for name, inner in node.items()}
        elif key in ONE and isinstance(node, dict):
            strict[key] = _value(node, mode)
        elif key in MANY:
            strict[key] = [_strict(inner, mode) for inner in node]
        elif key in ("then", "else"):
            strict[key] = _strict(node, mode)
        else:
            strict[key] = node
    _forget_other_direction(strict, schema, mode)
    if strict.pop("nullable", False):
        strict = {"anyOf": [strict, {"type": "null"}]}
    return strict


def _forget_other_direction(strict, schema, mode):
    """`required` counts for a read-only property only in answers, for a write-only one in calls."""
    other = "readOnly" if mode == "request" else "writeOnly"
    if isinstance(schema.get("required"), list):
        strict["required"] = [
            name
            for name in schema["required"]
            if not (schema.get("properties", {}).get(name) or {}).get(other)
        ]
