"""Evasion folding: what a word looks like to a reader, whatever characters spell it.

A character is folded by compatibility decomposition (UAX #15), a table of look-alikes (UTS #39
and our own), and by dropping what cannot be seen. A word is folded further into the forms that
a term is compared with: without separators, with digits and symbols read as letters.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Final

DATA: Final = Path(__file__).with_name("data")
"""Where the built-in lists are."""

CHARACTERS_MAX: Final = 4_000
"""Longer texts are judged by their first characters: chat frames are shorter anyway."""

_FOLDED_CHARACTERS_CACHED_MAX: Final = 8_192
_INVISIBLE: Final = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u00ad")
_INVISIBLE_KINDS: Final = frozenset({"Cf", "Mn", "Me", "Cc", "Co", "Cs"})
_RIGHT_TO_LEFT_OVERRIDE: Final = "\u202e"
_END_OF_OVERRIDE: Final = re.compile("[\u202c\n]")

_LEET: Final = {
    "0": "o", "1": "i", "2": "z", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b",
    "9": "g", "@": "a", "$": "s", "!": "i", "|": "i", "+": "t", "(": "c", "<": "c", "&": "e",
    "¡": "i", "€": "e", "£": "l", "#": "h",
}  # fmt: skip
_LEET_TABLE: Final = str.maketrans(_LEET)
_LEET_L_TABLE: Final = str.maketrans(_LEET | {"1": "l", "|": "l", "!": "l", "9": "q", "6": "b"})
_DIGRAPHS: Final = (("ph", "f"), ("vv", "w"), ("v", "u"), ("q", "g"))
_DRAWN: Final = re.compile("[vq]|ph")
_NOT_ALPHANUMERIC: Final = re.compile(r"[\W_]+")
_LONG_RUN: Final = re.compile(r"(.)\1\1", re.DOTALL)


class _CharacterTable(dict[int, str]):
    """For `str.translate`: folds each character once, on first sight, and remembers so many."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if len(self) < _FOLDED_CHARACTERS_CACHED_MAX:
            self[code] = folded
        return folded


@lru_cache(maxsize=1)
def _look_alikes() -> dict[str, str]:
    table = json.loads((DATA / "confusables.json").read_text("utf-8"))
    return {character: letter for letter, drawn in table.items() for character in drawn}


def _fold_character(character: str) -> str:
    if character in "\t\n\r\v\f":
        return " "
    alike = _look_alike(character)
    if alike is not None:
        return alike
    folded = []
    for part in unicodedata.normalize("NFKD", character):
        kind = unicodedata.category(part)
        if part in _INVISIBLE or kind in _INVISIBLE_KINDS:
            continue
        folded.append(" " if kind[0] == "Z" else _look_alike(part) or part.lower())
    return "".join(folded)


def _look_alike(character: str) -> str | None:
    table = _look_alikes()
    return table.get(character) or table.get(character.lower())


_characters: Final = _CharacterTable()


def fold_text(text: str) -> str:
    """Folds characters: lower case, look-alikes as Latin letters, nothing that cannot be seen.

    Args:
        text: A message as it was sent.

    Returns:
        The text as a reader sees it; a stretch under a right-to-left override is turned round.
        Folding a folded text changes nothing.
    """
    text = text[:CHARACTERS_MAX]
    if text.isascii():
        return text.lower() if text.isprintable() else text.translate(_characters)
    if _RIGHT_TO_LEFT_OVERRIDE in text:
        text = _turn_overrides_round(text)
    return text.translate(_characters)


def _turn_overrides_round(text: str) -> str:
    head, *overridden = text.split(_RIGHT_TO_LEFT_OVERRIDE)
    turned = [head]
    for stretch in overridden:
        end = _END_OF_OVERRIDE.search(stretch)
        stop = end.start() if end else len(stretch)
        turned.append(stretch[:stop][::-1] + stretch[stop:])
    return "".join(turned)


def fold_word(word: str) -> tuple[str, ...]:
    """The readings of one folded word, plainest first, without repeats.

    Args:
        word: A word of a folded text, without spaces, with whatever stands around it.

    Returns:
        The word without its edges; without inner separators; with digits and symbols read as
        letters (1 as i, then as l), `ph` as f, `vv` as w, `v` as u (or n at its beginning), `q`
        as g. Empty where nothing can be read.
    """
    if word.isalpha() and word.isascii():
        return _with_digraphs([word]) if _DRAWN.search(word) else (word,)
    bare = _NOT_ALPHANUMERIC.sub("", word)
    readings = [bare] if bare else []
    if any(character.isalpha() for character in word):
        for table in (_LEET_TABLE, _LEET_L_TABLE):
            readings.append(_NOT_ALPHANUMERIC.sub("", word.translate(table)))
            # A trailing "!" or a leading "@" is more often itself than a letter.
            readings.append(_NOT_ALPHANUMERIC.sub("", _without_edges(word).translate(table)))
    return _with_digraphs(readings)


def _with_digraphs(readings: list[str]) -> tuple[str, ...]:
    if not any(map(_DRAWN.search, readings)):
        return tuple(dict.fromkeys(filter(None, readings)))
    drawn_otherwise = [
        reading.replace(drawn, meant)
        for reading in readings
        for drawn, meant in _DIGRAPHS
        if drawn in reading
    ]
    # A Greek nu is drawn as a v and meant as an n, above all where it begins a word.
    nu = [f"n{reading[1:]}" for reading in readings if reading.startswith("v")]
    readings = [*readings, *drawn_otherwise, *nu]
    return tuple(dict.fromkeys(filter(None, readings)))


def _without_edges(word: str) -> str:
    return word.rstrip("!?.,;:+|()<>#&").lstrip("@#(<!|+&")


def squeeze(word: str) -> tuple[str, tuple[int, ...]]:
    """A word with each run of a letter as one letter, and how long the runs were."""
    letters: list[str] = []
    runs: list[int] = []
    previous = ""
    for character in word:
        if character == previous:
            runs[-1] += 1
        else:
            letters.append(character)
            runs.append(1)
            previous = character
    return "".join(letters), tuple(runs)


def may_be_drawn(word: str) -> bool:
    """Whether a word has letters that may be drawn in the place of others."""
    return _DRAWN.search(word) is not None


def has_long_run(word: str) -> bool:
    """Whether any letter stands three times in a row, which no English word has."""
    return _LONG_RUN.search(word) is not None
