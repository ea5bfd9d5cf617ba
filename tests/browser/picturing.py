"""The pictures of the guide: how they are taken, and when two of them show the same page."""

from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.visiting import Visitor

PICTURES = Path(__file__).parents[2] / "docs" / "beelden"
WIDE, PHONE = 1280, 360
HEIGHTS = {WIDE: 800, PHONE: 740}
"""Width of a picture, and the height of its screen unless another one is asked, in pixels."""
COARSE = 48
"""So many dots wide pictures are compared: words blur, what stands where does not."""
ALIKE = 3.0
"""Mean difference of those dots, of 255. Other dates and another font stay well below it, as
long as no line of a long list breaks elsewhere: so lists are sorted by name for their picture."""


class Photographer(Visitor):
    """Somebody who walks through the pages and takes pictures, of more widths where asked."""

    def __init__(self, browser: Browser, address: str, folder: Path) -> None:
        super().__init__(browser, address, "wide", color_scheme="light", reduced_motion="reduce")
        self.folder = folder

    def arrives(self, heading: str) -> None:
        """The page with this main heading is there; what it says is judged by other tests."""
        expect(self.page.get_by_role("heading", level=1, name=heading).first).to_be_visible()
        self.page.wait_for_load_state()

    def take(self, name: str, *widths: int, at: str = "", height: int = 0) -> None:
        """A picture for each width; ``at`` is the part that stands on top, else the page's top."""
        for width in widths or (WIDE,):
            self.page.set_viewport_size({"width": width, "height": height or HEIGHTS[width]})
            self.page.wait_for_load_state("networkidle")
            if at:
                part = self.page.locator(at).first
                part.evaluate("one => one.scrollIntoView({block: 'start'})")
            else:
                self.page.evaluate("scrollTo(0, 0)")
            # the usual way to hide the caret adds a style, which our policy refuses
            path = self.folder / f"{name}-{width}.png"
            self.page.screenshot(path=path, caret="initial")
        self.page.set_viewport_size({"width": WIDE, "height": HEIGHTS[WIDE]})


def difference(one: Image.Image, other: Image.Image) -> float:
    """How much two pictures of the same size differ, from 0 to 255."""
    first, second = _coarse(one), _coarse(other)
    return sum(abs(a - b) for a, b in zip(first, second, strict=True)) / len(first)


def what_differs(made: Path, kept: Path) -> list[str]:
    """A sentence for each picture that shows something else than the one that was kept."""
    names, known = _names(made), _names(kept)
    found = [f"{name} is missing" for name in sorted(names - known)]
    found += [f"{name} is no longer made" for name in sorted(known - names)]
    for name in sorted(names & known):
        with Image.open(made / name) as one, Image.open(kept / name) as other:
            if one.size != other.size:
                found.append(f"{name} measures {other.size}, the page {one.size}")
            elif (much := difference(one, other)) > ALIKE:
                found.append(f"{name} differs by {much:.1f} from the page")
    return found


def _coarse(picture: Image.Image) -> bytes:
    height = max(1, round(picture.height * COARSE / picture.width))
    return picture.convert("L").resize((COARSE, height), Image.Resampling.BOX).tobytes()


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.png")}
