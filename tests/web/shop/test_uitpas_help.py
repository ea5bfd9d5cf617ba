"""The page of help for parents: plain words, and only of what is switched on."""

from flask.testing import FlaskClient

from app.activities.models import Activity
from tests.making import allow_insz
from tests.sales.conftest import Family
from tests.web.shop.steps import choose, text_of
from tests.web.test_modules import switch_off

HELP = "/hulp/uitpas"


def test_it_explains_kansentarief_coupons_and_cancelling_to_anyone(
    client: FlaskClient, connected: None
) -> None:
    shown = text_of(client.get(HELP))
    for words in (
        "Wat is kansentarief?",
        "Wat is een coupon?",
        "Wat als ik annuleer?",
        "kansentarief of een coupon opnieuw gebruiken",
        "Begeleiders zien het niet",
    ):
        assert words in shown


def test_its_sentences_are_short(client: FlaskClient, connected: None) -> None:
    shown = text_of(client.get(HELP))
    content = shown[shown.index("Met een UiTPAS betaal") : shown.index("Nog een vraag?")]
    sentences = [one.split() for one in content.replace("?", ".").replace(":", ".").split(".")]
    longest = max(sentences, key=len)
    assert len(longest) <= 25, " ".join(longest)


def test_with_coupons_off_it_names_none(client: FlaskClient, connected: None) -> None:
    switch_off("coupons")
    shown = text_of(client.get(HELP))
    assert "coupon" not in shown.lower()
    assert "je kansentarief opnieuw gebruiken" in shown


def test_with_uitpas_off_there_is_no_such_page_and_no_link_to_it(
    client: FlaskClient, connected: None
) -> None:
    assert f'href="{HELP}"' in client.get("/aanbod").get_data(as_text=True)
    switch_off("uitpas")
    assert client.get(HELP).status_code == 404
    assert HELP not in client.get("/aanbod").get_data(as_text=True)


def test_the_register_number_is_named_only_where_it_may_be_used(
    client: FlaskClient, connected: None
) -> None:
    assert "rijksregisternummer" not in text_of(client.get(HELP))
    allow_insz()
    assert "rijksregisternummer" in text_of(client.get(HELP))


def test_the_question_of_step_one_and_the_choice_of_a_benefit_lead_to_it(
    parent: FlaskClient, camp: Activity, family: Family
) -> None:
    from app.activities.offer import public_path

    steps = parent.get(f"{public_path(camp)}/inschrijven").get_data(as_text=True)
    question = steps[steps.index('id="uitpas-hint"') : steps.index('id="uitpas-ja"')]
    assert f'href="{HELP}"' in question
    choose(parent, camp, family.mira, uitpas="ja")
    page = parent.get("/mandje/voordelen").get_data(as_text=True)
    assert page.count(f'href="{HELP}"') == 2, "at the choice and in the footer"
