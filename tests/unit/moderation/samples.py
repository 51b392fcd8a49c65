"""Messages with labels, written for these tests.

The files hold offensive language of every kind, because that is what moderation has to find; none
of it was said by anybody. `chat_development.tsv` was looked at while rules and head were made,
`chat_evaluation.tsv` was not: the halves were dealt by chance before.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

_DATA = Path(__file__).with_name("data")


def lines(name: str) -> list[str]:
    """The messages of a file, one a line, as they are to the last character."""
    text = (_DATA / name).read_bytes().decode("utf-8")
    return [line for line in text.split("\n") if line]


def labelled_comments() -> list[tuple[bool, str]]:
    """Longer comments, each with whether it is unwanted."""
    return [(line[0] == "1", line[2:]) for line in lines("comments.tsv")]


class ChatLine(NamedTuple):
    """A labelled line of game or stream chat."""

    is_toxic: bool
    kind: str
    text: str


def labelled_chat(half: str) -> list[ChatLine]:
    """Lines of chat: the `development` half or the `evaluation` half."""
    rows = [line.split("\t") for line in lines(f"chat_{half}.tsv")]
    return [ChatLine(label == "toxic", kind, text) for label, kind, text in rows]
