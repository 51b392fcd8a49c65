"""Secrets go through every handler, on good ways and bad ones; none comes out in its log."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ayinel_live.runtime.redaction import REDACTED
from local.history import HistoryDatabase
from local.layout import REPOSITORY
from tests.integration.redaction.secrets_in_play import PART_CHARACTERS, make_secrets, parts_of
from tests.integration.redaction.sweep import SHAPELESS, function_names


@dataclass(frozen=True)
class Swept:
    """What the functions wrote, and what came of their calls."""

    folder: Path
    secrets: dict[str, str]

    def log(self, function: str) -> str:
        return (self.folder / f"{function}.log").read_text(encoding="utf-8")

    def outcomes(self, function: str, *ways: str) -> set[str]:
        text = (self.folder / f"{function}.json").read_text(encoding="utf-8")
        return {outcome for way, _, outcome in json.loads(text)["outcomes"] if way in ways}

    def read(self, function: str) -> list[str]:
        text = (self.folder / f"{function}.json").read_text(encoding="utf-8")
        return list(json.loads(text)["read"])


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pg")
    for part in (folder, *folder.parents[:3]):
        part.chmod(part.stat().st_mode | 0o055)
    server = HistoryDatabase(folder / "data", folder / "logs")
    server.start()
    yield server.dsn()
    server.stop()


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory, dsn: str) -> Swept:
    folder = tmp_path_factory.mktemp("swept")
    secrets = make_secrets()
    (folder / "secrets.json").write_text(json.dumps({**secrets, "dsn": dsn}), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.redaction.sweep", str(folder)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return Swept(folder, secrets)


@pytest.mark.parametrize("function", function_names())
def test_no_secret_stands_in_what_a_function_writes(swept: Swept, function: str) -> None:
    log = swept.log(function)
    kinds = {part: kind for kind, secret in swept.secrets.items() for part in parts_of(secret)}
    for place in range(len(log)):
        kind = kinds.get(log[place : place + PART_CHARACTERS])
        assert kind is None, f"{kind} of {function}: {log[max(0, place - 300) : place]}…"


@pytest.mark.parametrize("function", function_names())
def test_a_function_was_led_down_good_ways_and_bad_ones(swept: Swept, function: str) -> None:
    assert "answered" in swept.outcomes(function, "well")
    assert swept.outcomes(function, "refusing", "garbling") & {"refused", "raised"}
    assert '"message"' in swept.log(function), "it wrote no line"


def test_secrets_were_on_their_way_into_the_log(swept: Swept) -> None:
    """Without the last line of defence there would have been something to find."""
    told = [name for name in function_names() if REDACTED in swept.log(name)]
    assert len(told) > len(function_names()) / 2, told
    read = {kind for name in function_names() for kind in swept.read(name)}
    assert read == set(SHAPELESS)
