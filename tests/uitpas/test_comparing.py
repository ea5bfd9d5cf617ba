"""Telling our sales from those of other desks, by their label alone."""

import pytest

from app.sales.ordering import ALPHABET
from app.uitpas.comparing import reference_in


@pytest.mark.parametrize(
    ("label", "reference"),
    [
        ("Basistarief (ab3defgh)", "ab3defgh"),
        ("Tarief (inwoners) (z2z2z2z2)", "z2z2z2z2"),
        ("Basistarief", ""),
        ("Kind (0-12)", ""),
        ("Kinderen (kinderen)", ""),
        ("Basistarief (ab3defgh) ", ""),
        ("Basistarief (AB3DEFGH)", ""),
        ("", ""),
    ],
)
def test_only_a_label_as_we_write_them_is_taken_for_ours(label: str, reference: str) -> None:
    assert reference_in(label) == reference


def test_every_reference_we_can_make_is_recognised() -> None:
    for sign in ALPHABET:
        assert reference_in(f"Basistarief ({sign * 8})") == sign * 8
