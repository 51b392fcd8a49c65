"""Chat spellings, and the words that phrases are written in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SLANG: Final[Mapping[str, tuple[str, ...]]] = {
    "u": ("you",), "ya": ("you",), "yu": ("you",), "yall": ("you", "all"), "ye": ("you",),
    "r": ("are",), "ur": ("your",), "youre": ("you", "are"), "ure": ("you", "are"),
    "yr": ("your",), "yur": ("your",), "yo": ("yo",), "im": ("i", "am"), "ima": ("i", "will"),
    "imma": ("i", "will"), "ill": ("i", "will"), "gonna": ("going", "to"), "gon": ("going", "to"),
    "gunna": ("going", "to"), "wanna": ("want", "to"), "gotta": ("got", "to"),
    "urself": ("yourself",), "yourselves": ("yourself",), "urselves": ("yourself",),
    "yoself": ("yourself",), "yaself": ("yourself",), "uself": ("yourself",),
    "urslef": ("yourself",), "yourslef": ("yourself",), "youself": ("yourself",),
    "shud": ("should",), "shoulda": ("should", "have"), "pls": ("please",), "plz": ("please",),
    "dis": ("this",), "da": ("the",), "teh": ("the",), "mum": ("mom",), "mums": ("moms",),
    "mommas": ("moms",), "momma": ("mom",), "ppl": ("people",), "theyre": ("they", "are"),
    "hes": ("he", "is"), "shes": ("she", "is"), "thats": ("that", "is"), "ive": ("i", "have"),
    "aint": ("not",), "isnt": ("is", "not"), "arent": ("are", "not"), "wont": ("will", "not"),
    "ded": ("dead",), "kil": ("kill",), "stfu": ("shut", "the", "fuck", "up"),
    "gtfo": ("get", "the", "fuck", "out"), "fu": ("fuck", "you"), "fuk": ("fuck",),
    "fck": ("fuck",), "fk": ("fuck",), "fuq": ("fuck",), "fkn": ("fucking",),
    "fking": ("fucking",), "fuckin": ("fucking",), "fkin": ("fucking",), "fcking": ("fucking",),
    "fukin": ("fucking",), "fuking": ("fucking",), "effing": ("fucking",), "frickin": ("fucking",),
    "sht": ("shit",), "dik": ("dick",), "dic": ("dick",), "trsh": ("trash",), "tr4sh": ("trash",),
    "stoopid": ("stupid",), "stupit": ("stupid",), "uninstal": ("uninstall",),
    "unistall": ("uninstall",), "bich": ("bitch",), "btch": ("bitch",), "biatch": ("bitch",),
    "azz": ("ass",), "ahole": ("asshole",), "n": ("and",), "team8": ("teammate",),
    "hav": ("have",), "git": ("get",), "gud": ("good",), "suk": ("suck",), "sux": ("sucks",),
    "whats": ("what", "is"), "whos": ("who", "is"), "cus": ("because",), "cuz": ("because",),
    "coz": ("because",), "wud": ("would",), "bcs": ("because",), "tho": ("though",),
    "ez": ("ez",), "ezz": ("ez",), "izi": ("ez",), "izy": ("ez",),
}  # fmt: skip
"""Chat spellings as the words that phrases are written in."""


def word_set(words: str) -> frozenset[str]:
    """The words of a text as a set, for lists that read better as prose."""
    return frozenset(words.split())


def canonical_words(phrase: str) -> list[str]:
    """The words of a phrase with chat spellings written out."""
    return [word for spelt in phrase.split() for word in SLANG.get(spelt, (spelt,))]
