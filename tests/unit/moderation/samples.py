"""Messages with labels, written for these tests."""

from __future__ import annotations

from pathlib import Path

_DATA = Path(__file__).with_name("data")


def lines(name: str) -> list[str]:
    """The messages of a file, one a line, as they are to the last character."""
    text = (_DATA / name).read_bytes().decode("utf-8")
    return [line for line in text.split("\n") if line]


def labelled_comments() -> list[tuple[bool, str]]:
    """Longer comments, each with whether it is unwanted."""
    return [(line[0] == "1", line[2:]) for line in lines("comments.tsv")]
