"""What another price of a registration does to the money, in words for staff."""

from decimal import Decimal

from app.formats import money
from app.sales.changes import MoneyFollows

ZERO = Decimal("0.00")


def follows_in_words(follows: MoneyFollows) -> str:
    """What is to be paid more, need not be paid, or goes back."""
    said = []
    if follows.extra > ZERO:
        said.append(f"{money(follows.extra)} extra te betalen")
    if follows.claim_falls > ZERO:
        said.append(f"{money(follows.claim_falls)} minder te betalen")
    if follows.refund > ZERO:
        said.append(f"{money(follows.refund)} gaat terug naar de klant")
    return ", ".join(said) or "er verandert niets aan het bedrag"
