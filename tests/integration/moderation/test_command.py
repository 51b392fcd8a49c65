"""`python -m ayinel_live.moderation` as people and tools run it."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "ayinel_live.moderation"]
ANSWER_SECONDS = 30


def run(*arguments: str, messages: bytes) -> tuple[int, list[dict[str, Any]], str]:
    done = subprocess.run(
        [*COMMAND, *arguments], input=messages, capture_output=True, check=False, timeout=120
    )
    verdicts = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return done.returncode, verdicts, done.stderr.decode()


def test_each_line_gets_a_verdict_in_order() -> None:
    status, verdicts, errors = run("--rules-only", messages=b"gg wp\nkys\n\nyou are an idiot")
    assert (status, errors) == (0, "")
    assert [verdict["verdict"] for verdict in verdicts] == ["allow", "reject", "allow", "reject"]
    assert set(verdicts[1]) >= {"verdict", "categories", "scores", "tier"}
    assert verdicts[1]["categories"] == ["self-harm"]
    assert {verdict["tier"] for verdict in verdicts} == {"rules"}


@pytest.mark.usefixtures("weights_folder")
def test_classifier_judges_what_rules_leave_open() -> None:
    status, verdicts, _ = run(messages=b"gg wp\nkys\n")
    assert status == 0
    assert [verdict["tier"] for verdict in verdicts] == ["classifier", "rules"]


def test_any_bytes_are_read() -> None:
    messages = (
        b"\xff\xfe\x00\n\r\n"
        + "\uff4b\uff59\uff53\n".encode()
        + b"\x1b[31m\n"
        + b"a" * 100_000
        + b"\n"
    )
    status, verdicts, _ = run("--rules-only", messages=messages)
    assert status == 0
    assert len(verdicts) == 5
    assert verdicts[2]["verdict"] == "reject"


def test_many_lines_keep_their_order() -> None:
    lines = [b"kys" if i % 7 == 0 else f"message {i}".encode() for i in range(5_000)]
    status, verdicts, _ = run("--rules-only", messages=b"\n".join(lines) + b"\n")
    assert status == 0
    assert [verdict["verdict"] == "reject" for verdict in verdicts] == [
        line == b"kys" for line in lines
    ]


def test_answer_comes_before_the_next_line_is_written() -> None:
    with subprocess.Popen(
        [*COMMAND, "--rules-only"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for message, expected in ((b"kys\n", "reject"), (b"gg\n", "allow")):
            process.stdin.write(message)
            process.stdin.flush()
            assert select.select([process.stdout], [], [], ANSWER_SECONDS)[0]
            assert json.loads(process.stdout.readline())["verdict"] == expected
        process.stdin.close()
        assert process.wait(ANSWER_SECONDS) == 0


def test_settings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"blockedTerms": [{"term": "banana"}], "linksAllowed": false}')
    status, verdicts, _ = run(
        "--rules-only", "--settings", str(path), messages=b"b4nana\nevil.com\nkiwi\n"
    )
    assert status == 0
    assert [verdict["categories"] for verdict in verdicts] == [["blocked-term"], ["link"], []]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not json", "the settings cannot be used"),
        ('{"blockedTerms": [{"term": ""}]}', "blockedTerms.0.term"),
        ('{"nonsense": true}', "nonsense"),
        (None, "the settings cannot be read"),
    ],
)
def test_bad_settings_end_with_one_clear_line(
    tmp_path: Path, content: str | None, message: str
) -> None:
    path = tmp_path / "settings.json"
    if content is not None:
        path.write_text(content)
    status, verdicts, errors = run("--settings", str(path), messages=b"hi\n")
    assert (status, verdicts) == (2, [])
    assert message in errors
    assert len(errors.splitlines()) == 1
