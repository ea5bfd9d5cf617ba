"""What stands ready before somebody comes along: a family, and an activity that UiTPAS knows."""

from dataclasses import dataclass
from datetime import date

from app.activities.models import Activity
from app.clock import now
from app.extensions import write_transaction
from app.settings.models import Environment
from app.uitdatabank.models import EventLink, LinkState
from tests.browser.conftest import Site
from tests.browser.visiting import Visitor
from tests.making import make_activity, make_person, make_type
from tests.signing_in import make_account

EVENT = "5a0967f9-cc06-4c3c-9206-30481a767434"
"""publiq's permanent test event."""
SOCIAL = "0900000067513"
"""A test pass with a social tariff."""
PARENT = "ouder@gezin.example"


@dataclass(frozen=True)
class Scene:
    """Addresses and names of what was made."""

    activity_id: int
    path: str

    @property
    def register_path(self) -> str:
        """Step 1."""
        return f"{self.path}/inschrijven"


def set_scene(site: Site, *, capacity: int = 5) -> Scene:
    """A parent with Mira, who has a pass, and Tuur; and a camp of sixty euro."""
    with site.open_database():
        make_family(PARENT)
        kind = make_type("Kampen")
        activity = make_activity("Winterbos-kamp", activity_type=kind, capacity=capacity)
        publish_as(activity)
        return Scene(activity.id, f"/aanbod/{activity.id}-winterbos-kamp")


def make_family(email: str, child: str = "Mira") -> None:
    """A parent who can sign in, with a child that has a pass and one that has none."""
    account = make_account(email, customer=True)
    assert account.customer is not None
    make_person(account.customer, child, uitpas_number=SOCIAL, birth_date=date(2018, 5, 4))
    make_person(account.customer, "Tuur", birth_date=date(2016, 2, 1))


def publish_as(activity: Activity) -> None:
    """Couple it to the test event."""
    with write_transaction() as session:
        session.add(
            EventLink(
                activity_id=activity.id,
                environment=Environment.SANDBOX,
                event_id=EVENT,
                state=LinkState.PUBLISHED,
                published_at=now(),
            )
        )


def choose_who(visitor: Visitor, scene: Scene, *names: str, uses_uitpas: bool = True) -> None:
    """Step 1, up to its button."""
    visitor.open(scene.register_path)
    for name in names:
        visitor.page.get_by_role("checkbox", name=name).check()
    visitor.page.get_by_role(
        "radio", name="Ja, ik gebruik een UiTPAS" if uses_uitpas else "Nee, zonder UiTPAS"
    ).check()


def fill_basket(visitor: Visitor, scene: Scene) -> None:
    """Mira at the social tariff, up to the page of the basket."""
    choose_who(visitor, scene, "Mira")
    visitor.press("Volgende")
    visitor.press("In mijn mandje")
    visitor.sees("Te betalen")


def accept(visitor: Visitor) -> None:
    """Pay at the desk, and agree to the terms."""
    visitor.page.get_by_role("radio", name="Aan het loket").check()
    visitor.page.get_by_role("checkbox", name="Ik ga akkoord").check()
