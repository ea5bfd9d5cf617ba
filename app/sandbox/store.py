"""What the sandbox remembers, in one SQLite file of its own.

Documents are kept as JSON beside the few columns that are searched. There is one connection and
one lock: the sandbox is small, and `with store.writing()` makes a check and its write one step.
"""

import json
import sqlite3
import threading
import time
from contextlib import contextmanager
from pathlib import Path

TABLES = """
CREATE TABLE IF NOT EXISTS token (
  value TEXT PRIMARY KEY, client_id TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS place (
  id TEXT PRIMARY KEY, document TEXT NOT NULL, duplicate_of TEXT, owner TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS organizer (
  id TEXT PRIMARY KEY, document TEXT NOT NULL, card_systems TEXT NOT NULL,
  permitted INTEGER NOT NULL, owner TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS event (
  id TEXT PRIMARY KEY, document TEXT NOT NULL, place_id TEXT, organizer_id TEXT,
  owner TEXT NOT NULL, searchable_at REAL NOT NULL, uitpas_at REAL,
  imported_labels TEXT NOT NULL DEFAULT '[]', settings TEXT, disabled_systems TEXT);
CREATE TABLE IF NOT EXISTS image (id TEXT PRIMARY KEY, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pass (
  number TEXT PRIMARY KEY, insz TEXT, chip TEXT, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ticket_sale (
  id TEXT PRIMARY KEY, event_id TEXT NOT NULL, number TEXT NOT NULL, tariff_id TEXT NOT NULL,
  sold_at REAL NOT NULL, document TEXT NOT NULL, cancelled_at REAL);
CREATE TABLE IF NOT EXISTS reward (
  id TEXT PRIMARY KEY, document TEXT NOT NULL, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS redeemed (
  id TEXT PRIMARY KEY, reward_id TEXT NOT NULL, number TEXT NOT NULL, points INTEGER NOT NULL,
  redeemed_at REAL NOT NULL, document TEXT NOT NULL, cancelled_at REAL);
CREATE TABLE IF NOT EXISTS checkin (
  id TEXT PRIMARY KEY, event_id TEXT NOT NULL, number TEXT NOT NULL, points INTEGER NOT NULL,
  checked_at REAL NOT NULL, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS received (
  id INTEGER PRIMARY KEY, moment TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
  status TEXT NOT NULL, body TEXT NOT NULL, answer TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fault (
  id INTEGER PRIMARY KEY, operation TEXT NOT NULL, kind TEXT NOT NULL, seconds REAL NOT NULL,
  problem TEXT NOT NULL, remaining INTEGER);
"""
NAMES = (
    "token",
    "place",
    "organizer",
    "event",
    "image",
    "pass",
    "ticket_sale",
    "reward",
    "redeemed",
    "checkin",
    "received",
    "fault",
)
KEPT_CALLS = 2000


class Store:
    """The database file and how long news takes to reach Search and UiTPAS (seconds)."""

    def __init__(self, database_path, delay_seconds):
        Path(database_path).parent.mkdir(parents=True, exist_ok=True)
        self.delay_seconds = delay_seconds
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            database_path, check_same_thread=False, isolation_level=None, timeout=15
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(TABLES)

    def rows(self, statement, *values):
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def row(self, statement, *values):
        with self._lock:
            return self._connection.execute(statement, values).fetchone()

    def write(self, statement, *values):
        """Carry out one statement; returns how many rows it touched."""
        with self._lock:
            return self._connection.execute(statement, values).rowcount

    @contextmanager
    def writing(self):
        """Everything inside happens together or not at all, one writer at a time."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @property
    def is_new(self):
        return self.row("SELECT 1 FROM organizer LIMIT 1") is None

    def clear(self):
        """Forget everything, faults and signed-in clients included."""
        with self.writing():
            for name in NAMES:
                self.write(f"DELETE FROM {name}")  # noqa: S608 - names are our own constants

    def soon(self):
        """When something written now reaches Search and UiTPAS, in seconds since the epoch."""
        return time.time() + self.delay_seconds

    def close(self):
        with self._lock:
            self._connection.close()

    def record_call(self, moment, method, path, status, body, answer):
        with self.writing():
            self.write(
                "INSERT INTO received (moment, method, path, status, body, answer) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                *(moment, method, path, status, body, answer),
            )
            self.write(
                "DELETE FROM received WHERE id <= (SELECT max(id) FROM received) - ?", KEPT_CALLS
            )

    def document(self, table, key):
        """The JSON document with this id, or None. `table` is one of our own names."""
        column = "number" if table == "pass" else "id"
        row = self.row(f"SELECT document FROM {table} WHERE {column} = ?", key)  # noqa: S608
        return json.loads(row["document"]) if row else None
