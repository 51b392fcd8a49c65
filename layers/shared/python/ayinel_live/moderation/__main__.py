"""Tries moderation: `python -m ayinel_live.moderation [--settings FILE] [--rules-only]`.

Reads a message a line and prints a JSON verdict a line, in the same order.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from pydantic import ValidationError

from ayinel_live.moderation.classifier import Classifier
from ayinel_live.moderation.model import MessageToModerate, ModerationSettings, Verdict
from ayinel_live.moderation.moderator import Moderator
from ayinel_live.moderation.weights import WeightsMissingError, checkout, find_weights

_BATCH_MAX: Final = 64
_READ_BYTES: Final = 65_536
_USAGE_ERROR: Final = 2


def main() -> int:
    """Runs the command.

    Returns:
        The exit status: 0, or 2 where the settings cannot be used.
    """
    parser = argparse.ArgumentParser(
        prog="python -m ayinel_live.moderation",
        description="Read a message a line, print a JSON verdict a line.",
    )
    parser.add_argument("--settings", type=Path, help="JSON file of a channel's settings")
    parser.add_argument("--rules-only", action="store_true", help="without the classifier")
    arguments = parser.parse_args()
    try:
        settings = _read_settings(arguments.settings)
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {_explain(error)}", file=sys.stderr)
        return _USAGE_ERROR
    moderator = Moderator(None if arguments.rules_only else _local_classifier())
    try:
        for lines in _batches(sys.stdin.buffer):
            _judge(moderator, settings, lines)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return 0


def _judge(moderator: Moderator, settings: ModerationSettings, lines: Sequence[bytes]) -> None:
    messages = [
        MessageToModerate(text=line.decode("utf-8", "replace"), settings=settings) for line in lines
    ]
    verdicts = moderator.moderate_batch(messages)
    sys.stdout.write("".join(f"{render(verdict)}\n" for verdict in verdicts))
    sys.stdout.flush()


def render(verdict: Verdict) -> str:
    """A verdict as one line of JSON."""
    return json.dumps(
        {
            "verdict": verdict.decision,
            "categories": verdict.categories,
            "scores": dict(verdict.scores),
            "tier": verdict.tier,
            "reason": verdict.reason,
        }
    )


def _batches(stream: BinaryIO) -> Iterator[list[bytes]]:
    """Lines as they come: what has arrived together is judged together, nothing waits for more."""
    waiting = b""
    lines: list[bytes] = []
    raw = stream.raw if isinstance(stream, io.BufferedReader) else stream
    while chunk := raw.read(_READ_BYTES):
        *complete, waiting = (waiting + chunk).split(b"\n")
        lines += complete
        while len(lines) >= _BATCH_MAX or (lines and not _has_more(raw)):
            yield [line.removesuffix(b"\r") for line in lines[:_BATCH_MAX]]
            del lines[:_BATCH_MAX]
    if waiting:
        lines.append(waiting)
    for start in range(0, len(lines), _BATCH_MAX):
        yield [line.removesuffix(b"\r") for line in lines[start : start + _BATCH_MAX]]


def _has_more(stream: io.RawIOBase | BinaryIO) -> bool:
    try:
        return bool(select.select([stream], [], [], 0)[0])
    except (OSError, ValueError):
        return False


def _read_settings(path: Path | None) -> ModerationSettings:
    if path is None:
        return ModerationSettings()
    return ModerationSettings.model_validate_json(path.read_bytes())


def _explain(error: OSError | ValueError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        return f"the settings cannot be used: {where + ': ' if where else ''}{first['msg']}"
    return f"the settings cannot be read: {error}"


def _local_classifier() -> Classifier | None:
    from ayinel_live.moderation.local_classifier import LocalClassifier

    try:
        return LocalClassifier(_find_or_build_weights())
    except (WeightsMissingError, ImportError, subprocess.CalledProcessError) as error:
        print(f"judging by rules alone: {error}", file=sys.stderr)
        return None


def _find_or_build_weights() -> Path:
    root = checkout()
    try:
        return find_weights()
    except WeightsMissingError:
        if root is None:
            raise
    print("building the classifier's weights, once", file=sys.stderr)
    subprocess.run(
        [sys.executable, "-m", "layers.classifier.build"], cwd=root, check=True, stdout=sys.stderr
    )
    return find_weights()


if __name__ == "__main__":
    sys.exit(main())
