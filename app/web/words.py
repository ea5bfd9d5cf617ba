"""The Dutch words for our enumerations, in one place for all pages."""

from app.payments.models import PaymentMeans, PaymentMethod
from app.sales.models import LineState, OrderState
from app.uitpas.models import BenefitKind, EntryState

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
