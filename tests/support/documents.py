"""The commands and links of the documents, as a reader finds them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.layout import REPOSITORY

SHELLS = frozenset({"sh", "bash", "shell", "console"})
# What a code span in a sentence begins with where it is a command.
PROGRAMS = ("make ", "python -m ", ".venv/bin/python ", "aws ", "curl ", "npm ", "npx ", "ffmpeg ")
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Command:
    """One command of a page: what a reader types up to the prompt's return."""

    page: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}: {self.text.splitlines()[0]}"


def pages() -> list[Path]:
    """Return the documents."""
    found = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
    return sorted(path for path in found if path.name != "CHANGELOG.md")


def name_of(page: Path) -> str:
    """Return a page's path in the repository."""
    return str(page.relative_to(REPOSITORY))


def commands() -> list[Command]:
    """Return every command of every page, in order."""
    return [found for page in pages() for found in commands_of(page)]


def commands_of(page: Path) -> Iterator[Command]:
    """Yield a page's commands: those of its shell blocks, and those in its sentences.

    Args:
        page: The document.
    """
    text = page.read_text(encoding="utf-8")
    for language, block in _FENCED.findall(text):
        if language in SHELLS:
            for command in _split(block):
                yield Command(name_of(page), command)
    for span in _SPAN.findall(_FENCED.sub("", text)):
        if span.startswith(PROGRAMS):
            yield Command(name_of(page), span)


def _split(block: str) -> Iterator[str]:
    """Yield the commands of a block; one goes on over a backslash, a pipe and a here-document."""
    kept: list[str] = []
    document_end = ""
    for line in block.splitlines():
        bare = line.strip()
        if not kept and (not bare or bare.startswith("#")):
            continue
        kept.append(line)
        if document_end:
            if bare != document_end:
                continue
            document_end = ""
        elif opened := re.search(r"<<'?(\w+)'?", line):
            document_end = opened[1]
            continue
        elif bare.endswith(("\\", "|", "&&")):
            continue
        yield "\n".join(kept)
        kept = []
    if kept:
        raise ValueError(f"a command does not end: {kept[0]}")


def links_of(page: Path) -> Iterator[str]:
    """Yield where a page's links lead that stay within the repository."""
    text = _SPAN.sub("", _FENCED.sub("", page.read_text(encoding="utf-8")))
    for target in _LINK.findall(text):
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors_of(page: Path) -> set[str]:
    """Return what `#…` can lead to on a page, as code hosts make it from headings."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    made = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(text))
    return {anchor.strip().replace(" ", "-") for anchor in made}
