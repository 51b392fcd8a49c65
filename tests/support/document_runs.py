"""Which command of the documents is run how; `tests/unit/documents` sees that none is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tests.support.documents import Command


class Way(StrEnum):
    """How a command is tried."""

    STACK = "run against the deployed local stack"
    HERE = "run as it stands"
    PARSED = "read by the program that it names, not carried out"


@dataclass(frozen=True)
class Rule:
    """What is done with commands of a form.

    Attributes:
        pattern: The form, found anywhere in the command.
        way: How they are tried.
        reason: Why they are not carried out, or where that is done.
    """

    pattern: str
    way: Way
    reason: str = ""


# The first that fits decides.
RULES = (
    Rule(r"--environment ", Way.PARSED, "needs an AWS account; tests/unit/documents parses it"),
    Rule(
        r"^(\w+=\$\()?aws ",
        Way.PARSED,
        "needs an AWS account; held against the API's model",
    ),
    Rule(r"infra\.deploy|^make deploy", Way.PARSED, "needs an AWS account; tests/infra"),
    Rule(
        r"infra\.restore|cdk import ", Way.PARSED, "end_to_end/test_restore.py walks the procedure"
    ),
    Rule(r"^node_modules/\.bin/cdk ", Way.PARSED, "needs an AWS account"),
    Rule(r"^git ", Way.PARSED, "would move the very tree that is tested"),
    Rule(r"^make (up|down|reset|demo)\b", Way.PARSED, "tests/integration/local_runtime runs them"),
    Rule(r"^STREAM_ID=01…", Way.PARSED, "stands for what an answer said"),
    Rule(r"bin/websockets ", Way.PARSED, "talks with a person; tests/end_to_end chats"),
    Rule(
        r"-m local (.* )?(up|reset)\b|-m local$",
        Way.PARSED,
        "tests/integration/local_runtime runs them",
    ),
    Rule(r"^make (test|verify|check|bench|format|docs|locks|synth)", Way.PARSED, "runs this test"),
    Rule(r"-m pytest|-m tests\.benchmarks", Way.PARSED, "runs for minutes; collected by name"),
    Rule(r"ayinel_live\.moderation|settings\.json|infra\.(scaling|costs)", Way.HERE),
    Rule(r"^ffmpeg -listen$", Way.PARSED, "speaks of a way that was not taken"),
    Rule(r"-m local[ .]|^(\w+=\$\()?make (-s )?(outputs|token|status|logs)", Way.STACK),
    Rule(r"^(\w+=\$\()?curl |^\"\$FFMPEG\" |^FFMPEG=|\bfield\b|^echo |^sleep ", Way.STACK),
)


def rule_for(command: Command) -> Rule | None:
    """Return what is done with a command, None where nobody has said."""
    return next((rule for rule in RULES if re.search(rule.pattern, command.text)), None)


def of_way(commands: Iterable[Command], way: Way) -> list[Command]:
    """Return the commands that are tried in a way."""
    found = ((command, rule_for(command)) for command in commands)
    return [command for command, rule in found if rule is not None and rule.way is way]
