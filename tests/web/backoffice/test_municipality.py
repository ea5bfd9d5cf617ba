"""The screen Gemeente (C10)."""

import pytest

from app.settings.municipality import get_municipality
from tests.web.backoffice.staff_client import post, signed_in, words

URL = "/beheer/instellingen/gemeente"
TYPED = {
    "name": "Zonnewende",
    "department_name": "Vrije tijd",
    "postal_code": "9000",
    "email": "vrijetijd@voorbeeld.be",
    "iban": "BE68 5390 0754 7034",
    "brand_color": "#5b2365",
    "accent_color": "#ffc43a",
    "terms": "Wie inschrijft, komt.",
}


@pytest.fixture
def admin(app):
    return signed_in(app, "admin")


def test_what_is_saved_stands_on_every_page(admin):
    answer = post(admin, URL, TYPED, follow_redirects=True)
    assert "De gegevens van de gemeente zijn bewaard." in words(answer)
    assert "Beheer Zonnewende" in words(answer)
    assert 'value="BE68 5390 0754 7034"' in words(answer)
    assert get_municipality().terms == "Wie inschrijft, komt."


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": " "}, "Vul de naam van je gemeente in."),
        ({"postal_code": "90000"}, "Een postcode heeft vier cijfers, zoals 9000."),
        ({"email": "an@"}, "Kijk dit e-mailadres na"),
        ({"phone": "bel"}, "Kijk dit telefoonnummer na"),
        ({"iban": "BE68 5390 0754 7035"}, "Kijk dit rekeningnummer na"),
        ({"brand_color": "paars"}, "Typ een kleur als # met zes cijfers"),
    ],
)
def test_bad_input_gets_a_sentence_at_its_field(admin, change, sentence):
    answer = post(admin, URL, TYPED | change)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert f'id="{next(iter(change))}-fout"' in words(answer)
    assert get_municipality().name == "Onze gemeente"


def test_a_colour_without_contrast_is_shown_beside_the_one_that_is_kept(admin):
    answer = post(admin, URL, TYPED | {"brand_color": "#ffdd00"}, follow_redirects=True)
    kept = get_municipality().brand_color
    assert kept != "#ffdd00"
    assert "Je hoofdkleur" in words(answer)
    assert 'fill="#ffdd00"' in words(answer)
    assert f'fill="{kept}"' in words(answer)
    assert "style=" not in words(answer)


@pytest.mark.parametrize("role", ["cashier", "monitor"])
def test_only_admins_see_it(app, role):
    assert signed_in(app, role).get(URL).status_code == 403
