"""The municipality of this installation (C10)."""

from dataclasses import asdict, dataclass

from app.extensions import _l, _t, db, write_transaction
from app.settings.audit import record
from app.settings.colors import read_color, readable_accent, readable_brand
from app.settings.contact import compact_iban, email_problem, iban_problem, phone_problem
from app.settings.models import ONLY_ROW, Municipality
from app.settings.problems import SettingProblem, SettingsRefused

COLOR_SENTENCE = _l("Typ een kleur als # met zes cijfers of letters van a tot f, zoals #5b2365.")


@dataclass(frozen=True)
class MunicipalityInput:
    """What somebody typed on the screen 'Gemeente'; the names are those of Municipality."""

    name: str
    department_name: str
    street: str
    postal_code: str
    locality: str
    email: str
    phone: str
    opening_hours: str
    iban: str
    account_holder: str
    brand_color: str
    accent_color: str
    terms: str
    privacy: str


@dataclass(frozen=True)
class ColorChange:
    """A colour that did not read well, and the nearest one that is kept instead."""

    field: str
    typed: str
    kept: str


def get_municipality() -> Municipality:
    """The only row, or its defaults where nothing was saved yet; not to be changed by readers."""
    return db.session.get(Municipality, ONLY_ROW) or _defaults()


def municipality_for_update() -> Municipality:
    """The only row, made where it is missing; inside write_transaction() only."""
    row = db.session.get(Municipality, ONLY_ROW)
    if row is None:
        row = _defaults()
        db.session.add(row)
    return row


def municipality_problems(typed: MunicipalityInput) -> list[SettingProblem]:
    """What is wrong with what somebody typed."""
    problems = []
    if not typed.name:
        problems.append(SettingProblem(_t("Vul de naam van je gemeente in."), "name"))
    for field, value, check in (
        ("email", typed.email, email_problem),
        ("phone", typed.phone, phone_problem),
        ("iban", typed.iban, iban_problem),
    ):
        if value and (sentence := check(value)):
            problems.append(SettingProblem(sentence, field))
    for field in ("brand_color", "accent_color"):
        if read_color(getattr(typed, field)) is None:
            problems.append(SettingProblem(str(COLOR_SENTENCE), field))
    return problems


def save_municipality(typed: MunicipalityInput) -> list[ColorChange]:
    """Keep what was typed; returns the colours that were replaced by one that reads.

    Raises SettingsRefused.
    """
    problems = municipality_problems(typed)
    if problems:
        raise SettingsRefused(problems)
    values = asdict(typed)
    values["iban"] = compact_iban(typed.iban)
    replaced = []
    for field, nearest in (("brand_color", readable_brand), ("accent_color", readable_accent)):
        color = read_color(values[field]) or ""
        values[field] = nearest(color)
        if values[field] != color:
            replaced.append(ColorChange(field, color, values[field]))
    with write_transaction():
        row = municipality_for_update()
        changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
        for name, value in values.items():
            setattr(row, name, value)
        if changed:
            record("gemeente aangepast", subject_kind="instellingen", detail={"velden": changed})
    return replaced


def _defaults() -> Municipality:
    return Municipality(
        id=ONLY_ROW,
        name="Onze gemeente",
        department_name="Vrije tijd",
        street="",
        postal_code="",
        locality="",
        email="",
        phone="",
        opening_hours="",
        iban="",
        account_holder="",
        brand_color="#5b2365",
        accent_color="#ffc43a",
        terms="",
        privacy="",
    )
