"""The regular price after all, for a line whose benefit UiTPAS did not register again (R7).

After a move that fell through, nobody pays more than was agreed: a person asks the family first.
"""

from app.extensions import _t, write_transaction
from app.payments.requests import lock_request
from app.publiq.redaction import redact_text
from app.sales.cancelling import find_line
from app.sales.change_outcomes import finish_change
from app.sales.change_steps import Changed, outcome
from app.sales.changes import MoneyFollows, change_problems, money_follows, new_change
from app.sales.models import ChangeKind, ChangeState, OrderLine
from app.sales.problems import ChangeRefused, SaleProblem
from app.sales.settling import lock_order


def lost_its_benefit(line: OrderLine) -> bool:
    """Whether a line costs less than its regular price without a benefit that says why."""
    return line.benefit_kind is None and line.price < line.regular_price


def regular_price_problems(line: OrderLine) -> list[SaleProblem]:
    """Why the regular price cannot be charged now: shown on its page, and obeyed."""
    problems = change_problems(line)
    if problems:
        return problems
    if not lost_its_benefit(line):
        return [SaleProblem(_t("Voor deze inschrijving geldt al de prijs die erbij hoort."))]
    return []


def regular_price_preview(line: OrderLine) -> MoneyFollows:
    """What charging it does to the money."""
    return money_follows(line.order, line.price, line.regular_price)


def charge_regular_price(line_ref: str, reason: str) -> Changed:
    """The family agreed: the line costs its regular price and the claim follows.

    Raises ChangeRefused.
    """
    if not reason.strip():
        sentence = _t("Schrijf op wie akkoord ging, en wanneer: dat staat in het logboek.")
        raise ChangeRefused([SaleProblem(sentence, field="reason")])
    line = find_line(line_ref)
    if line is None:
        raise ChangeRefused([SaleProblem(_t("Deze inschrijving bestaat niet."))])
    with write_transaction() as session:
        order = lock_order(session, line.order_id)
        if order.payment_request_id is not None:
            lock_request(session, order.payment_request_id)
        line = next(item for item in order.lines if item.line_ref == line_ref)
        problems = regular_price_problems(line)
        if problems:
            raise ChangeRefused(problems)
        change = new_change(
            line,
            ChangeKind.REGULAR_PRICE,
            ChangeState.DONE,
            to_activity_id=line.activity_id,
            price_category_id=line.price_category_id,
            category_name=line.category_name,
            regular_price=line.regular_price,
            agreed_price=line.regular_price,
            new_price=line.regular_price,
            reason=redact_text(reason.strip()),
        )
        line.price = line.regular_price
        session.add(change)
        session.flush()
        finish_change(session, order, change, line)
        change_id = change.id
    return outcome(change_id)
