"""Register numbers need a legal ground, and every term is a number of months."""

import pytest

from app.extensions import db
from app.settings.models import AuditEntry
from app.settings.privacy import (
    PrivacyInput,
    get_privacy,
    insz_allowed,
    insz_ground,
    save_privacy,
)
from app.settings.problems import SettingsRefused


def _typed(**changes):
    given = {
        "insz_on": True,
        "insz_ground": "wet van 8 augustus 1983",
        "insz_months": 24,
        "tariff_months": 3,
        "guest_pass_months": 13,
    }
    return PrivacyInput(**given | changes)


def test_register_numbers_are_not_used_until_somebody_says_why_they_may(app):
    assert not insz_allowed()
    privacy = get_privacy()
    assert (privacy.insz_months, privacy.tariff_months, privacy.guest_pass_months) == (24, 3, 13)


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"insz_ground": "  "}, "insz_ground", "Vul de wettelijke grond in."),
        ({"insz_ground": "x" * 501}, "insz_ground", "tot 500 tekens"),
        ({"insz_months": 0}, "insz_months", "van 1 tot 120"),
        ({"tariff_months": 121}, "tariff_months", "van 1 tot 120"),
        ({"guest_pass_months": -1}, "guest_pass_months", "van 1 tot 120"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(app, changes, field, sentence):
    with pytest.raises(SettingsRefused) as refused:
        save_privacy(_typed(**changes))
    [problem] = refused.value.problems
    assert (problem.field, sentence in problem.sentence) == (field, True)
    assert not insz_allowed()


def test_the_ground_is_kept_while_it_is_switched_off(app):
    save_privacy(_typed())
    assert insz_ground() == "wet van 8 augustus 1983"
    save_privacy(_typed(insz_on=False))
    assert not insz_allowed()
    assert get_privacy().insz_ground == "wet van 8 augustus 1983"


def test_a_change_is_written_down_and_no_change_is_not(app):
    save_privacy(_typed())
    save_privacy(_typed())
    save_privacy(_typed(tariff_months=6))
    entries = db.session.query(AuditEntry).order_by(AuditEntry.id).all()
    assert [entry.detail for entry in entries] == [
        {"insz_on": True, "insz_ground": "wet van 8 augustus 1983"},
        {"tariff_months": 6},
    ]
