"""The Dutch words for our enumerations, in one place for all pages."""

from app.activities.models import UitStatus
from app.payments.models import PaymentMeans, PaymentMethod
from app.sales.models import ChangeKind, ChangeState, LineState, OrderState
from app.uitpas.models import BenefitKind, EntryState

UIT_STATUSES = {
    UitStatus.INCOMPLETE: "Onvolledige data",
    UitStatus.COMPLETE: "Niet gepubliceerd",
    UitStatus.PUBLISHED: "Gepubliceerd",
    UitStatus.CHANGED: "Gewijzigd sinds publicatie",
    UitStatus.NOT_APPLICABLE: "Niet van toepassing",
}
BENEFIT_KINDS = {
    BenefitKind.SOCIAL_TARIFF: "Kansentarief",
    BenefitKind.COUPON: "Coupon",
    BenefitKind.REWARD: "Omruilvoordeel",
}
ORDER_STATES = {
    OrderState.OPEN: "Wacht op UiTPAS",
    OrderState.CONFIRMED: "Bevestigd",
    OrderState.CANCELLED: "Geannuleerd",
    OrderState.LAPSED: "Niet doorgegaan",
}
ORDER_STATE_KINDS = {
    OrderState.OPEN: "warn",
    OrderState.CONFIRMED: "ok",
    OrderState.CANCELLED: "bad",
    OrderState.LAPSED: None,
}
LINE_STATES = {LineState.LIVE: "Ingeschreven", LineState.CANCELLED: "Geannuleerd"}
CHANGE_KINDS = {
    ChangeKind.BENEFIT: "Voordeel achteraf",
    ChangeKind.MOVE: "Verplaatsen",
    ChangeKind.REGULAR_PRICE: "Gewone prijs",
}
CHANGE_STATES = {
    ChangeState.UNDOING: "Wacht op UiTPAS: de oude verkoop wordt ongedaan gemaakt",
    ChangeState.SELLING: "Wacht op UiTPAS: de verkoop wordt geregistreerd",
    ChangeState.CLEARING: "Wacht op UiTPAS: er wordt iets ongedaan gemaakt",
    ChangeState.RESTORING: "Wacht op UiTPAS: de oude verkoop wordt opnieuw geregistreerd",
    ChangeState.DONE: "Gelukt",
    ChangeState.PLAIN: "Gelukt, aan de gewone prijs",
    ChangeState.REFUSED: "Geweigerd: er veranderde niets",
    ChangeState.RETURNED: "Ging niet door: alles bleef zoals het was",
    ChangeState.WITHOUT: "Ging niet door, en het voordeel is niet opnieuw geregistreerd",
    ChangeState.CALLED_OFF: "Gestopt, want de inschrijving werd geannuleerd",
}
ENTRY_STATES = {
    EntryState.PLANNED: "Gepland",
    EntryState.REGISTERING: "Wordt geregistreerd",
    EntryState.REGISTERED: "Geregistreerd",
    EntryState.CANCELLING: "Wordt ongedaan gemaakt",
    EntryState.CANCELLED: "Ongedaan gemaakt",
    EntryState.UNKNOWN: "Antwoord onbekend",
    EntryState.REFUSED: "Geweigerd",
    EntryState.DROPPED: "Nooit verstuurd",
    EntryState.KEPT: "Punten blijven weg",
}
ENTRY_STATE_KINDS = {
    EntryState.REGISTERED: "ok",
    EntryState.CANCELLING: "warn",
    EntryState.UNKNOWN: "warn",
    EntryState.REGISTERING: "info",
    EntryState.REFUSED: "bad",
}
PAYMENT_METHODS = {
    PaymentMethod.DESK: "Aan het loket",
    PaymentMethod.TRANSFER: "Overschrijving",
    PaymentMethod.ONLINE: "Online",
}
PAYMENT_MEANS = {
    PaymentMeans.CASH: "Cash",
    PaymentMeans.TERMINAL: "Betaalterminal",
    PaymentMeans.TRANSFER: "Overschrijving",
    PaymentMeans.ONLINE: "Online",
}
