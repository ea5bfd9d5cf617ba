"""Whether the application is well: for the one who hosts it."""

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import jobs
from app.extensions import db
from app.web.access import Access, allow

health = Blueprint("health", __name__)


@health.get("/gezond")
@allow(Access.ANYONE)
def healthy() -> tuple[Response, int]:
    """200 while the database answers; says beside it how the queue is doing."""
    try:
        db.session.execute(text("SELECT 1"))
        database = "ok"
    except SQLAlchemyError:
        db.session.rollback()
        database = "unreachable"
    queue = jobs.queue_state() if database == "ok" else {"state": "unknown"}
    status = 200 if database == "ok" else 503
    return jsonify(
        status="ok" if status == 200 else "error", database=database, queue=queue
    ), status
