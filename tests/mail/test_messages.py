"""What mails say."""

from datetime import UTC, date, datetime
from decimal import Decimal

from app.mail import account_messages, messages
from app.mail.messages import (
    Cancellation,
    Confirmation,
    MailLine,
    NotCompleted,
    PaymentWords,
    Sender,
)

SENDER = Sender("Zonnewende", "Vrije tijd", "vrijetijd@zonnewende.example", "09 210 10 10")
NOOR = MailLine(
    participant="Noor Peeters",
    activity="Circuskamp",
    dates=["ma 21 dec 2026, 9 tot 16 uur", "di 22 dec 2026, 9 tot 16 uur"],
    place="Sporthal De Lork",
    price=Decimal("12.00"),
    regular_price=Decimal("60.00"),
    benefit="Kansentarief",
    cancel_until=date(2026, 12, 14),
)
LOU = MailLine("Lou Peeters", "Circuskamp", NOOR.dates, NOOR.place, Decimal("60.00"))


def _confirmation(lines, payment):
    total = sum((line.price for line in lines), Decimal("0.00"))
    return messages.confirmation(
        Confirmation("26-K7QX", "Sofie", lines, total, payment, "https://vrij.example/mijn", SENDER)
    )


def _plain(text):
    return text.replace("\xa0", " ")


def test_a_confirmation_tells_all_that_is_needed_to_come_and_to_pay():
    due = datetime(2026, 12, 1, 12, tzinfo=UTC)
    payment = PaymentWords(
        Decimal("72.00"),
        communication="010806817183",
        iban="BE68 5390 0754 7034",
        account_holder="Gemeente Zonnewende",
        due_at=due,
    )
    subject, text = _confirmation([NOOR, LOU], payment)
    assert subject == "Je bent ingeschreven: Circuskamp (26-K7QX)"
    text = _plain(text)
    for part in (
        "Dag Sofie,",
        "bestelnummer is 26-K7QX",
        "Noor Peeters: Circuskamp",
        "di 22 dec 2026, 9 tot 16 uur",
        "Sporthal De Lork",
        "€ 12,00 met kansentarief (in plaats van € 60,00)",
        "Samen: € 72,00",
        "Schrijf € 72,00 over, ten laatste op dinsdag 1 december 2026.",
        "BE68 5390 0754 7034",
        "+++010/8068/17183+++",
        "tot en met maandag 14 december 2026",
        "https://vrij.example/mijn",
        "Vragen? 09 210 10 10 of vrijetijd@zonnewende.example",
        "Zonnewende",
    ):
        assert part in text


def test_paying_at_the_desk_and_paying_nothing_are_said():
    at_desk = PaymentWords(Decimal("12.00"), at_desk=True)
    assert "€ 12,00 aan het loket" in _plain(_confirmation([NOOR], at_desk)[1])
    assert "Je hoeft niets te betalen." in _confirmation([NOOR], None)[1]


def test_one_day_to_cancel_for_all_is_said_in_one_sentence():
    text = _confirmation([NOOR], None)[1]
    assert "Je kan zelf annuleren tot en met maandag 14 december 2026." in text


def test_a_cancellation_tells_the_money_and_uitpas():
    told = Cancellation(
        "26-K7QX",
        "Sofie",
        NOOR,
        "ziek",
        claim_falls=Decimal("12.00"),
        uitpas="undone",
        sender=SENDER,
    )
    subject, text = messages.cancellation(told)
    assert subject == "Geannuleerd: Circuskamp (26-K7QX)"
    assert "zoals je vroeg" in text
    assert "Reden: ziek" in text
    assert "Je hoeft € 12,00 niet meer te betalen." in _plain(text)
    assert "Je voordeel bij UiTPAS is ongedaan gemaakt" in text


def test_a_cancellation_by_staff_that_waits_for_uitpas_says_so():
    told = Cancellation(
        "26-K7QX",
        "",
        NOOR,
        "",
        refund=Decimal("12.00"),
        uitpas="under way",
        sender=SENDER,
        by_staff=True,
    )
    text = _plain(messages.cancellation(told)[1])
    assert "We hebben de inschrijving van Noor Peeters voor Circuskamp geannuleerd." in text
    assert "Je krijgt € 12,00 terug." in text
    assert "maken we zo snel mogelijk ongedaan" in text
    assert "Reden" not in text


def test_an_order_that_fell_through_says_that_nothing_is_owed_and_what_to_do():
    told = NotCompleted(
        "26-K7QX",
        "Sofie",
        [NOOR],
        "Je hebt dit voordeel al gebruikt.",
        "https://vrij.example/mandje",
        SENDER,
    )
    subject, text = messages.order_not_completed(told)
    assert subject == "Je bestelling 26-K7QX is niet afgerond"
    assert "je hoeft niets te betalen" in " ".join(text.split())
    assert "Je hebt dit voordeel al gebruikt." in text
    assert "https://vrij.example/mandje" in text


def test_account_mails_hold_their_link_and_name_the_municipality():
    link = "https://vrij.example/wachtwoord/abc"
    for subject, text in (
        account_messages.password_reset("An", link, "Zonnewende"),
        account_messages.invitation("An", link, "Zonnewende", "Bo"),
        account_messages.welcome("An", link, "Zonnewende"),
    ):
        assert link in text
        assert "Dag An," in text
        assert "Zonnewende" in subject + text
    assert "Bo nodigt je uit" in account_messages.invitation("An", link, "Zonnewende", "Bo")[1]


def test_no_mail_uses_words_that_we_avoid():
    texts = [
        *_confirmation([NOOR, LOU], None),
        *account_messages.password_reset("An", "x", "Z"),
        *account_messages.reset_unknown_address("Z"),
        *account_messages.invitation("An", "x", "Z"),
        *account_messages.welcome("An", "x", "Z"),
    ]
    for text in texts:
        for word in ("helaas", "gelieve", "ongeldig"):
            assert word not in text.lower()
