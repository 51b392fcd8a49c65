"""No link of the documents leads nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.layout import REPOSITORY
from tests.support.documents import anchors_of, links_of, name_of, pages


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_links_lead_to_what_is_there(page: Path) -> None:
    for link in links_of(page):
        target, _, anchor = link.partition("#")
        found = (page.parent / target).resolve() if target else page
        assert found.exists(), link
        if anchor and found.suffix == ".md":
            assert anchor in anchors_of(found), link


def test_every_page_is_reached_from_the_first() -> None:
    first = REPOSITORY / "README.md"
    seen, left = {first}, [first]
    while left:
        page = left.pop()
        for link in links_of(page):
            found = (page.parent / link.partition("#")[0]).resolve()
            inside = sorted(found.glob("*.md")) if found.is_dir() else [found]
            new = [one for one in inside if one.suffix == ".md" and one not in seen]
            seen.update(new)
            left.extend(new)
    assert {name_of(page) for page in pages()} <= {name_of(page) for page in seen}


def test_first_screen_names_the_two_commands() -> None:
    first_screen = (REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()[:12]
    for command in ("make up", "make test"):
        assert any(line.startswith(command) for line in first_screen)
