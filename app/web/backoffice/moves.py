"""Back office, Verplaatsen: where a registration can go, what that does, and doing it (R7)."""

from decimal import Decimal, InvalidOperation

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app import jobs
from app.extensions import end_read
from app.formats import masked_pass_number
from app.sales.cancelling import find_line
from app.sales.change_steps import Changed
from app.sales.models import ChangeState, OrderLine
from app.sales.move_preview import (
    BenefitCase,
    MovePreview,
    find_targets,
    leaving_problems,
    load_target,
    preview_move,
)
from app.sales.moving import MoveWish, move_registration
from app.sales.problems import ChangeRefused
from app.sales.replaced_cards import NewCard
from app.web import words
from app.web.access import Access, allow
from app.web.arguments import number_argument, text_argument
from app.web.backoffice import backoffice
from app.web.forms import strip
from app.web.money_words import follows_in_words
from app.web.pages import PageError, page
from app.web.pass_answers import flash_messages

BACK, PLAIN, WITHOUT = "terug", "gewoon", "zonder"
"""What is chosen for the benefit: along or back, along or at the regular price, not along."""
CHOOSE_ONE = "Kies wat er met het voordeel gebeurt."
OTHER_CATEGORY = {
    ChangeState.DONE: ("De prijscategorie is gewijzigd.", "success"),
    ChangeState.PLAIN: (
        "De prijscategorie is gewijzigd, aan de gewone prijs: UiTPAS weigerde het voordeel.",
        "warn",
    ),
    ChangeState.RETURNED: (
        "De prijscategorie is niet gewijzigd: de inschrijving blijft zoals ze was, met haar "
        "voordeel.",
        "warn",
    ),
    ChangeState.WITHOUT: (
        "De prijscategorie is niet gewijzigd, en UiTPAS registreerde het oude voordeel niet "
        "opnieuw. De klant betaalt niets extra. Voeg het voordeel achteraf toe als dat weer kan, "
        "of reken de gewone prijs aan als het gezin akkoord gaat.",
        "warn",
    ),
    ChangeState.CALLED_OFF: ("De inschrijving is intussen geannuleerd.", "warn"),
}
"""What is said where the registration stays at its activity."""
NOT_CHANGED_YET = (
    "De prijscategorie is nog niet gewijzigd, want UiTPAS antwoordt nu niet. We gaan vanzelf "
    "verder zodra het kan.",
    "warn",
)
FIELDS = {"category": "prijs", "benefit": "voordeel", "reason": "reden"}
"""Our fields by the field of a problem; the others have none on this page."""


@backoffice.get("/inschrijvingen/<line_ref>/verplaatsen")
@allow(Access.ADMIN, Access.CASHIER)
def move_registration_to(line_ref: str) -> Response:
    """Choose an activity; with ``naar``, what going there does."""
    line = _line_or_404(line_ref)
    activity_id = number_argument("naar")
    if activity_id is None:
        return _choose_page(line)
    return _preview_page(_preview(line, activity_id, number_argument("prijs")))


@backoffice.post("/inschrijvingen/<line_ref>/verplaatsen")
@allow(Access.ADMIN, Access.CASHIER)
def move_registration_now(line_ref: str) -> Response:
    """Move it; what is not as it was shown comes back with the old and the new."""
    was_at = _line_or_404(line_ref).activity_id
    activity_id, category_id = _number("naar"), _number("prijs")
    if activity_id is None:
        return redirect(url_for("backoffice.move_registration_to", line_ref=line_ref), 303)
    chosen, reason = request.form.get("voordeel", ""), strip(request.form.get("reden", ""))
    shown = _amount("gewone_prijs")
    agreed = _amount("hoogstens")
    along = agreed is not None
    if along and chosen not in (BACK, PLAIN, WITHOUT):
        preview = _preview(_line_or_404(line_ref), activity_id, category_id)
        return _preview_page(preview, reason, chosen, [("voordeel", CHOOSE_ONE)])
    wish = MoveWish(
        line_ref=line_ref,
        activity_id=activity_id,
        category_id=category_id or 0,
        regular_price=shown if shown is not None else Decimal(-1),
        benefit_case=_case("gevolg"),
        with_benefit=along and chosen != WITHOUT,
        agreed_price=agreed,
        plain_agreed=chosen == PLAIN,
        reason=reason,
    )
    try:
        done = move_registration(wish)
    except ChangeRefused as refused:
        errors = [(FIELDS.get(p.field, ""), p.sentence) for p in refused.problems]
        preview = _preview(_line_or_404(line_ref), activity_id, category_id)
        return _preview_page(preview, reason, chosen, errors)
    for job in ("mails", "availability"):
        jobs.wake(job)
    flash(*_what_was_done(done, stays_there=activity_id == was_at))
    if done.new_card:
        number = masked_pass_number(done.new_card)
        flash(f"Het voordeel staat op het nummer van de nieuwe kaart: {number}.", "info")
    return redirect(url_for("backoffice.registration", line_ref=done.line_ref), 303)


def _what_was_done(done: Changed, *, stays_there: bool) -> tuple[str, str]:
    said = f" UiTPAS zegt: {done.message}" if done.message else ""
    if stays_there:
        sentence, kind = OTHER_CATEGORY.get(done.state, NOT_CHANGED_YET)
        return sentence + said, kind
    return {
        ChangeState.DONE: ("De inschrijving is verplaatst.", "success"),
        ChangeState.PLAIN: (
            "De inschrijving is verplaatst aan de gewone prijs, want UiTPAS weigerde het "
            f"voordeel.{said}",
            "warn",
        ),
        ChangeState.RETURNED: (
            "De inschrijving is niet verplaatst: ze blijft waar ze was, met haar voordeel." + said,
            "warn",
        ),
        ChangeState.WITHOUT: (
            "De inschrijving is niet verplaatst, en UiTPAS registreerde het oude voordeel niet "
            "opnieuw. De klant betaalt niets extra. Voeg het voordeel achteraf toe als dat weer "
            f"kan, of reken de gewone prijs aan als het gezin akkoord gaat.{said}",
            "warn",
        ),
        ChangeState.CALLED_OFF: ("De inschrijving is intussen geannuleerd.", "warn"),
    }.get(
        done.state,
        (
            "De nieuwe plaats ligt vast, maar UiTPAS antwoordt nu niet. We gaan vanzelf verder "
            "zodra het kan.",
            "warn",
        ),
    )


def _tell_new_card(line: OrderLine, card: NewCard) -> None:
    """Which card the benefit is asked for, and what publiq says to its holder."""
    kept = f" Het staat nu bij {line.participant_name}." if card.is_kept else ""
    flash(
        f"De kaart van deze inschrijving is vervangen. In de plaats van "
        f"{masked_pass_number(card.old)} vroegen we UiTPAS naar het nieuwe nummer: "
        f"{masked_pass_number(card.number)}.{kept}",
        "info",
    )
    if card.look_up is not None:
        flash_messages(card.look_up)


def _preview(line: OrderLine, activity_id: int, category_id: int | None) -> MovePreview:
    target = load_target(activity_id)
    if target is None:
        abort(404)
    end_read()
    return preview_move(line, target, category_id)


def _choose_page(line: OrderLine) -> Response:
    searched = text_argument("zoeken")
    problems = leaving_problems(line)
    return page(
        "backoffice/move_choose.html",
        line=line,
        problems=problems,
        searched=searched,
        other_categories=len(line.activity.price_categories) > 1,
        targets=[] if problems else find_targets(line, searched),
    )


def _preview_page(
    preview: MovePreview,
    reason: str = "",
    chosen: str = "",
    errors: list[PageError] | None = None,
) -> Response:
    along = preview.benefit.case is BenefitCase.GOES_ALONG
    if preview.benefit.card is not None:
        _tell_new_card(preview.line, preview.benefit.card)
    return page(
        "backoffice/move.html",
        errors=errors or [],
        error_at=dict(reversed(errors or [])),
        line=preview.line,
        preview=preview,
        benefit=preview.benefit,
        along=along,
        can_go_along=along and preview.benefit.answered,
        chosen=chosen or (BACK if preview.benefit.answered else WITHOUT),
        reason=reason,
        money_with=follows_in_words(preview.with_benefit) if preview.with_benefit else "",
        money_plain=follows_in_words(preview.plain),
        words=words,
    )


def _line_or_404(line_ref: str) -> OrderLine:
    line = find_line(line_ref)
    if line is None:
        abort(404)
    return line


def _number(name: str) -> int | None:
    text = strip(request.form.get(name, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _case(name: str) -> BenefitCase | None:
    try:
        return BenefitCase(request.form.get(name, ""))
    except ValueError:
        return None


def _amount(name: str) -> Decimal | None:
    try:
        amount = Decimal(strip(request.form.get(name, "")))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
