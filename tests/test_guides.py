"""The guides and their pictures belong together."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+\.png)\)")


def pictures_named() -> list[tuple[Path, str, Path]]:
    return [
        (page, words, page.parent / target)
        for page in PAGES
        for words, target in PICTURE.findall(page.read_text(encoding="utf-8"))
    ]


def test_every_picture_that_a_guide_names_exists() -> None:
    named = pictures_named()
    assert len(named) > 10
    assert [target for _page, _words, target in named if not target.is_file()] == []


def test_every_picture_stands_somewhere_with_words_for_who_cannot_see_it() -> None:
    named = {target.resolve() for _page, words, target in pictures_named() if words.strip()}
    kept = {path.resolve() for path in (ROOT / "docs" / "beelden").iterdir()}
    assert sorted(path.name for path in kept - named) == []


def test_every_link_within_the_guides_leads_somewhere() -> None:
    lost = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"https?:|mailto:", target):
                continue
            path, _, anchor = target.partition("#")
            file = page.parent / path if path else page
            if not file.exists() or (anchor and anchor not in anchors_of(file)):
                lost.append((page.name, target))
    assert lost == []


def anchors_of(page: Path) -> set[str]:
    """Headings as a viewer turns them into anchors: lower case, without marks, dashes between."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
