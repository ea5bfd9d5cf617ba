"""Thema's and subthema's: kept, renewed, and the last good copy while publiq is away (D1)."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.clock import now
from app.extensions import write_transaction
from app.settings.models import PubliqCall
from app.uitdatabank.models import TaxonomyTerm
from app.uitdatabank.taxonomy import (
    all_themes,
    event_types,
    refresh_taxonomy,
    taxonomy_age,
    term_name,
    themes_for,
)
from tests.queries import count_queries
from tests.uitdatabank.support import CAMP, OMNISPORT, connect, fault


@pytest.fixture(autouse=True)
def _connected(app):
    connect()


def test_thema_s_come_from_publiq_once_and_by_name():
    found = event_types()
    names = [term.name for term in found]
    assert "Kamp of vakantie" in names and names == sorted(names)
    with count_queries() as sent:
        assert event_types() == found
    assert len(sent) == 1, "nothing is asked again"


def test_subthema_s_are_those_publiq_advises_with_the_thema():
    event_types()
    ids = {term.id for term in themes_for(CAMP)}
    assert OMNISPORT in ids and "1.8.3.1.0" not in ids
    assert themes_for("") == [] and themes_for("0.28.0.0.0") == []
    assert term_name(OMNISPORT) == "Omnisport en andere" and term_name("weg") == "weg"


def test_the_last_good_copy_stays_while_publiq_is_away(sandbox_url):
    found = event_types()
    with write_transaction() as session:
        session.execute(update(TaxonomyTerm).values(fetched_at=now() - timedelta(days=3)))
    fault(sandbox_url, "taxonomy", "plat", count=9)
    assert refresh_taxonomy() is False
    assert event_types() == found


def test_after_a_day_the_terms_are_fetched_anew():
    event_types()
    with write_transaction() as session:
        session.execute(
            update(TaxonomyTerm).values(name="Oud", fetched_at=now() - timedelta(days=2))
        )
    assert refresh_taxonomy() is True
    assert "Oud" not in {term.name for term in event_types()}


def test_without_an_answer_ever_there_is_nothing_to_choose(sandbox_url):
    fault(sandbox_url, "taxonomy", "plat", count=9)
    assert event_types() == []


def test_every_subthema_can_be_had_besides_those_that_publiq_advises():
    event_types()
    ids = {term.id for term in all_themes()}
    assert {"1.8.3.1.0", OMNISPORT} <= ids and CAMP not in ids


def test_an_old_copy_tells_its_age_and_whether_publiq_gave_no_answer(sandbox_url):
    event_types()
    assert not taxonomy_age().is_stale
    with write_transaction() as session:
        session.execute(update(TaxonomyTerm).values(fetched_at=now() - timedelta(days=3, hours=1)))
        session.execute(update(PubliqCall).values(started_at=now() - timedelta(days=3, hours=2)))
    age = taxonomy_age()
    assert (age.days, age.is_stale, age.unanswered) == (3, True, False), "nobody asked since"
    fault(sandbox_url, "taxonomy", "plat", count=9)
    refresh_taxonomy()
    assert taxonomy_age().unanswered
