"""What is logged goes without register numbers, tokens and whole UiTPAS numbers (invariant 6)."""

import logging

from flask import Flask
from flask.logging import default_handler

from app.publiq.redaction import redact_text

_formatter = logging.Formatter()


class Redacting(logging.Filter):
    """Takes out of a record what no log may hold; a refused row stands in the database's error."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a record."""
        record.msg, record.args = redact_text(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = redact_text(_formatter.formatException(record.exc_info))
        return True


_redacting = Redacting()


def redact_logs(app: Flask) -> None:
    """Redact what the application and the queue log, whichever handler writes it."""
    for logger in (app.logger, *map(logging.getLogger, ("huey", "huey.consumer"))):
        logger.addFilter(_redacting)
    for handler in (default_handler, logging.lastResort):
        if handler is not None:
            handler.addFilter(_redacting)
