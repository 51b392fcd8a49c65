"""Every code of a problem is explained, and none that does not exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from local.layout import REPOSITORY

PAGE = REPOSITORY / "docs" / "problems.md"
SOURCES = ("layers/shared/python/ayinel_live", "functions")
# Made of a message's state, and of what is no fault of the family.
MADE_UP = {f"message-{state}" for state in ("shown", "held", "rejected", "pending", "removed")}


@cache
def trees() -> tuple[ast.Module, ...]:
    files = (path for base in SOURCES for path in (REPOSITORY / base).rglob("*.py"))
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in files)


def raised() -> Iterator[str]:
    """Yield the codes that are given to errors, and those that families of errors have."""
    for node in (node for tree in trees() for node in ast.walk(tree)):
        if isinstance(node, ast.keyword) and node.arg == "code":
            yield from _text(node.value)
        elif isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
            for part in node.body:
                if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "code":
                    yield from _text(part.value)


def _text(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def explained() -> set[str]:
    text = PAGE.read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)}


def test_every_code_is_explained() -> None:
    assert set(raised()) - explained() == set()


def test_no_code_is_explained_that_does_not_exist() -> None:
    known = {
        text
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.expr)
        for text in _text(node)
    }
    assert explained() - known == set()


def test_states_of_messages_are_named() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"`{code}`" in text for code in MADE_UP)
