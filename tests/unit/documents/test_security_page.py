"""Every test that `docs/security.md` names is there, and every point that it must make is made."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
PAGE = (TESTS.parent / "docs" / "security.md").read_text(encoding="utf-8")
_NAMED = re.compile(r"`((?:tests/)?[\w/]+\.py)?(?:::(\w+))?`")


@cache
def names_in_file(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    named = {node.name for node in ast.walk(tree) if isinstance(node, functions)}
    return frozenset(name for name in named if name.startswith("test_"))


def named_in(text: str) -> list[tuple[str, str]]:
    """Return (path, name or what names begin with) of each test that a text names."""
    found, path = [], ""
    for match in _NAMED.finditer(text):
        path = (match[1] or path).removeprefix("tests/")
        is_test = "/test_" in path
        if is_test and (match[1] or match[2]):
            found.append((path, match[2] or "test_"))
    return found


def rows_of(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without its head."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize(("path", "name"), sorted(set(named_in(PAGE))))
def test_named_test_exists(path: str, name: str) -> None:
    assert (TESTS / path).is_file(), path
    assert any(test.startswith(name) for test in names_in_file(TESTS / path)), f"{path}::{name}"


def test_every_point_of_the_top_10_names_a_test_that_holds_it() -> None:
    rows = rows_of("OWASP API Security Top 10 (2023)")
    assert [row[0] for row in rows] == [f"API{number}" for number in range(1, 11)]
    for row in rows:
        assert named_in(row[-1]), row[0]


def test_every_attack_names_a_test_in_its_own_row() -> None:
    rows = rows_of("What somebody would try")
    assert len(rows) >= 12
    for row in rows:
        first = _NAMED.search(row[-1])
        assert first is not None, row[0]
        assert first[1], f"no file is named first: {row[0]}"
