"""The part of the Lucene syntax that clients of publiq's Search use in `q`.

Fields (`name.\\*`, `address.\\*.postalCode`, `organizer.id`, `labels`, …), words, quoted phrases,
`*` and `?` inside words, `field:(a OR b)`, `_exists_:field`, AND, OR, NOT and brackets. Words
that follow each other must all match. Escaped characters count as themselves.
"""

import re
import unicodedata

TOKEN = re.compile(r'\s*(?:(\()|(\))|"((?:\\.|[^"\\])*)"|((?:\\.|[^\s()":\\])+)|(:))')
# These are compared whole, as publiq does; everything else by its words.
WHOLE = re.compile(r"(^|\.)(id|postalCode|labels|workflowStatus|calendarType|creator)$")
WORDS = re.compile(r"[^\W_]+")


class QueryError(ValueError):
    """The query is not one that can be read."""


def matches(document, query):
    """Whether a document fits a query. Raises QueryError when the query cannot be read."""
    return _Parser(query).read()(document)


def text_matches(document, text):
    """Free text over everything people read in the document; `word*` matches a beginning."""
    words = _words(" ".join(_texts(document)))
    clean = re.sub(r"[()\"]", " ", text)
    wanted = [part for part in clean.split() if part not in ("AND", "OR")]
    test = any if " OR " in clean else all
    return test(_any_word(words, part) for part in wanted) if wanted else True


def fragment_matches(names, fragment):
    """The autocompletion of names: every word of the fragment begins or is in some word."""
    words = _words(" ".join(names.values()))
    return all(any(part in word for word in words) for part in _words(fragment))


def _any_word(words, pattern):
    expression = _pattern(pattern)
    return any(expression.fullmatch(word) for word in words)


def _texts(node):
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)


def _plain(text):
    bare = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in bare if not unicodedata.combining(char))


def _words(text):
    return WORDS.findall(_plain(text))


def _pattern(word):
    """A word of a query as expression: stars and question marks count unless escaped."""
    parts = re.findall(r"\\.|.", word)
    wild = {"*": ".*", "?": "."}
    return re.compile(
        "".join(wild.get(part) or re.escape(_plain(part.removeprefix("\\"))) for part in parts)
    )


def _values(node, path):
    if not path:
        if isinstance(node, list):
            for item in node:
                yield from _values(item, path)
        elif isinstance(node, str | int | float | bool):
            yield str(node)
        return
    if isinstance(node, list):
        for item in node:
            yield from _values(item, path)
    elif isinstance(node, dict):
        for key in node if path[0] == "*" else [path[0]]:
            if key in node:
                yield from _values(node[key], path[1:])


class _Parser:
    def __init__(self, query):
        self.tokens = []
        position = 0
        query = query.rstrip()
        while position < len(query):
            match = TOKEN.match(query, position)
            if match is None:
                raise QueryError(f"cannot read {query[position:]!r}")
            open_, close, phrase, word, colon = match.groups()
            kind = (open_ and "(") or (close and ")") or (colon and ":") or "word"
            if phrase is not None:
                self.tokens.append(("phrase", re.sub(r"\\(.)", r"\1", phrase)))
            else:
                self.tokens.append((kind, word))
            position = match.end()
        self.position = 0

    def read(self):
        if not self.tokens:
            raise QueryError("it is empty")
        test = self._either(None)
        if self.position < len(self.tokens):
            raise QueryError("a bracket too many")
        return test

    def _peek(self, ahead=0):
        index = self.position + ahead
        return self.tokens[index] if index < len(self.tokens) else (None, None)

    def _take(self):
        token = self._peek()
        self.position += 1
        return token

    def _either(self, field):
        tests = [self._both(field)]
        while self._peek() == ("word", "OR"):
            self._take()
            tests.append(self._both(field))
        return lambda document: any(test(document) for test in tests)

    def _both(self, field):
        tests = [self._negated(field)]
        while self._peek()[0] not in (None, ")") and self._peek() != ("word", "OR"):
            if self._peek() == ("word", "AND"):
                self._take()
            tests.append(self._negated(field))
        return lambda document: all(test(document) for test in tests)

    def _negated(self, field):
        if self._peek() == ("word", "NOT"):
            self._take()
            test = self._negated(field)
            return lambda document: not test(document)
        return self._one(field)

    def _one(self, field):
        kind, text = self._take()
        if kind == "(":
            test = self._either(field)
            if self._take()[0] != ")":
                raise QueryError("a bracket is not closed")
            return test
        if kind == "word" and self._peek()[0] == ":":
            self._take()
            name = text.replace("\\", "")
            if name == "_exists_":
                path = (self._take()[1] or "").replace("\\", "").split(".")
                return lambda document: any(True for _ in _values(document, path))
            return self._one(name)
        if kind not in ("word", "phrase"):
            raise QueryError("a word is missing")
        return _test(field, text, kind == "phrase")


def _test(field, text, is_phrase):
    def test(document):
        values = list(_values(document, field.split("."))) if field else list(_texts(document))
        if field and WHOLE.search(field):
            pattern = re.compile(re.escape(_plain(text))) if is_phrase else _pattern(text)
            return any(pattern.fullmatch(_plain(value)) for value in values)
        if is_phrase:
            wanted = " ".join(_words(text))
            return any(f" {wanted} " in f" {' '.join(_words(value))} " for value in values)
        return any(_word_in(text, value) for value in values)

    return test


def _word_in(text, value):
    """A word with wildcards must fit one word; without, all its parts must occur."""
    words = _words(value)
    if re.search(r"(?<!\\)[*?]", text):
        return _any_word(words, text)
    wanted = _words(re.sub(r"\\(.)", r"\1", text))
    return bool(wanted) and all(part in words for part in wanted)
