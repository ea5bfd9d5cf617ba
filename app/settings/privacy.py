"""Privacy: whether register numbers may be used and why, and how long things are kept."""

from dataclasses import dataclass

from app.extensions import _l, _t, db, write_transaction
from app.settings.audit import record
from app.settings.models import ONLY_ROW, PrivacySettings
from app.settings.problems import SettingProblem, SettingsRefused

LONGEST_MONTHS = 120
LONGEST_GROUND = 500
GROUND_MISSING = _l(
    "Vul de wettelijke grond in. Zonder grond mag je het rijksregisternummer niet gebruiken."
)


@dataclass(frozen=True)
class PrivacyInput:
    """What somebody typed on the screen 'Privacy'; the names are those of PrivacySettings."""

    insz_on: bool
    insz_ground: str
    insz_months: int
    tariff_months: int
    guest_pass_months: int


def get_privacy() -> PrivacySettings:
    """The only row, or its defaults where nothing was saved yet; not to be changed by readers."""
    return db.session.get(PrivacySettings, ONLY_ROW) or _defaults()


def insz_ground() -> str:
    """The legal ground on which register numbers are used; empty while they may not be."""
    privacy = get_privacy()
    return privacy.insz_ground.strip() if privacy.insz_on else ""


def insz_allowed() -> bool:
    """Whether register numbers may be asked, shown and looked up by."""
    return bool(insz_ground())


def privacy_problems(typed: PrivacyInput) -> list[SettingProblem]:
    """What is wrong with what somebody typed."""
    problems = []
    if typed.insz_on and not typed.insz_ground.strip():
        problems.append(SettingProblem(str(GROUND_MISSING), "insz_ground"))
    if len(typed.insz_ground) > LONGEST_GROUND:
        sentence = _t("Kort de wettelijke grond in tot %(most)s tekens.", most=LONGEST_GROUND)
        problems.append(SettingProblem(sentence, "insz_ground"))
    for name in ("insz_months", "tariff_months", "guest_pass_months"):
        if not 1 <= getattr(typed, name) <= LONGEST_MONTHS:
            sentence = _t("Kies een aantal maanden van 1 tot %(most)s.", most=LONGEST_MONTHS)
            problems.append(SettingProblem(sentence, name))
    return problems


def save_privacy(typed: PrivacyInput) -> None:
    """Keep the settings. Raises SettingsRefused.

    Switching register numbers off keeps those that are stored, encrypted and unused.
    """
    problems = privacy_problems(typed)
    if problems:
        raise SettingsRefused(problems)
    values = {**vars(typed), "insz_ground": typed.insz_ground.strip()}
    with write_transaction() as session:
        row = session.get(PrivacySettings, ONLY_ROW)
        if row is None:
            row = _defaults()
            session.add(row)
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        for name, value in changed.items():
            setattr(row, name, value)
        if changed:
            record("privacy aangepast", subject_kind="instellingen", detail=changed)


def _defaults() -> PrivacySettings:
    return PrivacySettings(
        id=ONLY_ROW,
        insz_on=False,
        insz_ground="",
        insz_months=24,
        tariff_months=3,
        guest_pass_months=13,
    )
