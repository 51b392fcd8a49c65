"""`python -m tests.integration.redaction.sweep FOLDER`: call every handler, keep what it writes.

A process of its own, since handlers bind tables and make clients for good. Reads the secrets from
FOLDER/secrets.json; writes each function's output to FOLDER/NAME.log and what came of each call to
FOLDER/NAME.json.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import botocore.handlers

from ayinel_live.runtime import redaction
from ayinel_live.runtime.settings import environment_names
from ayinel_live.runtime.tables import TableItem
from ayinel_live.video.budget import RequestBudget
from local.layout import REPOSITORY
from tests.integration.redaction.events import events_for
from tests.integration.redaction.world import REGION, Way, World, furnish, video_answers

# They lie in Secrets Manager and are known by their value alone.
SHAPELESS = ("ticket_secret", "origin_secret")
FIFO = ("MODERATION_QUEUE_URL", "POSTS_QUEUE_URL", "VIDEO_WORK_QUEUE_URL", "SET_ASIDE_QUEUE_URL")
CONTEXT = SimpleNamespace(
    aws_request_id="lambda-1",
    function_name="f",
    get_remaining_time_in_millis=lambda: 60_000,
)


def function_names() -> list[str]:
    """Return the folders of all functions."""
    return sorted(path.parent.name for path in (REPOSITORY / "functions").glob("*/handler.py"))


def variables_of(function: str, known: Mapping[str, str]) -> dict[str, str]:
    """Return a function's environment: tables by their names, the rest as the world has it."""
    module = import_module(f"functions.{function}.settings")
    (settings,) = [
        found
        for found in vars(module).values()
        if isinstance(found, type) and found.__module__ == module.__name__
    ]
    required, optional = environment_names(settings)
    of_the_process = {"AWS_ENDPOINT_URL", "AWS_CA_BUNDLE"}
    return {name: _value(name, known) for name in (required | optional) - of_the_process}


def _value(name: str, known: Mapping[str, str]) -> str:
    if name in known:
        return known[name]
    if name.endswith("_TABLE"):
        return name.removesuffix("_TABLE").title().replace("_", "")
    if name.endswith("_QUEUE_URL"):
        return known["FIFO_URL" if name in FIFO else "QUEUE_URL"]
    return known["ADDRESS"] if name.endswith("_URL") else "3"


@contextmanager
def written_to(path: Path) -> Iterator[None]:
    """Send all output of the process to a file, as Lambda sends it to the log."""
    kept = os.dup(1), os.dup(2)
    with path.open("ab") as file:
        for number in (1, 2):
            os.dup2(file.fileno(), number)
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, old in zip((1, 2), kept, strict=True):
                os.dup2(old, number)
                os.close(old)


def call(handler: Any, event: Mapping[str, Any]) -> str:
    """Call a handler as Lambda does, and return what came of it: `answered`, `refused`, `raised`.

    What is raised is printed as Lambda's runtime does: type, text and frames, without causes.
    """
    try:
        answer = handler(event, CONTEXT)
    except Exception as error:
        print(f"[ERROR] {type(error).__name__}: {error}")
        traceback.print_tb(error.__traceback__, file=sys.stdout)
        return "raised"
    if isinstance(answer, dict):
        if answer.get("batchItemFailures") or int(answer.get("statusCode", 200)) >= 400:
            return "refused"
        if answer.get("isWell") is False or "Deny" in json.dumps(answer.get("policyDocument", {})):
            return "refused"
    return "answered"


def upset(module: ModuleType, secrets: Mapping[str, str]) -> None:
    """Take a function's database away, which no SDK stands before."""
    for name in ("handler", "wiring"):
        try:
            part = import_module(f"{module.__package__}.{name}")
        except ModuleNotFoundError:
            continue
        database = getattr(part, "database", None)
        if database is not None:
            database._connection = None
            database._endpoint = secrets["database"]


def known_secrets(secrets: Mapping[str, str]) -> dict[str, str]:
    """Return what can leak: a secret without a shape only where the function has read it."""
    unread = {kind for kind in SHAPELESS if secrets[kind] not in redaction._values}
    return {kind: value for kind, value in secrets.items() if kind not in unread}


def sweep(function: str, folder: Path, secrets: Mapping[str, str], world: World) -> None:
    """Call one function with all its events, in every way."""
    outcomes = []
    with written_to(folder / f"{function}.log"):
        module = import_module(f"functions.{function}.handler")
        redaction._values.clear()
        for way in Way:
            known = known_secrets(secrets)
            world.behave(way, known)
            if way is not Way.WELL:
                upset(module, secrets)
            for name, event in events_for(function, known, secrets["origin_secret"]):
                print(f"-- {way}: {name}", flush=True)
                outcomes.append((way, name, call(module.handler, event)))
        read = sorted(set(SHAPELESS) & known.keys())
    (folder / f"{function}.json").write_text(
        json.dumps({"outcomes": outcomes, "read": read}), encoding="utf-8"
    )


def main(folder: Path) -> None:
    """Sweep all functions."""
    secrets: dict[str, str] = json.loads((folder / "secrets.json").read_text(encoding="utf-8"))
    dsn = secrets.pop("dsn")
    own = {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": secrets["access_key"],
        "AWS_SESSION_TOKEN": secrets["session_token"],
    }
    world = World(secrets)
    answers = video_answers(secrets, lambda: world.way is Way.WELL)
    botocore.handlers.BUILTIN_HANDLERS.insert(0, ("before-send.ivs", answers))
    functions = function_names()
    # Nothing here gets better by waiting.
    impatient = patch.object(RequestBudget, "wait", return_value=False)
    with world.running() as address, world.aws(), impatient:
        # After moto, which puts credentials of its own into the environment.
        os.environ |= own
        for path in (REPOSITORY / "layers/shared/python/ayinel_live").rglob("*.py"):
            if "TableItem)" in path.read_text(encoding="utf-8"):
                name = path.relative_to(REPOSITORY / "layers/shared/python").with_suffix("")
                import_module(".".join(name.parts))
        known = furnish(secrets, _all_items(TableItem)) | {
            "STAGE": "dev",
            "ADDRESS": address,
            "CLASSIFIER": "local",
            "HISTORY_KIND": "postgres",
            "HISTORY_ENDPOINT": dsn,
            "VIDEO_PROVIDER": "ivs",
            "INGEST_SCHEME": "rtmps",
            **own,
        }
        for function in functions:
            variables = variables_of(function, known)
            os.environ |= {**variables, "POWERTOOLS_SERVICE_NAME": function}
            # Only the post worker speaks to AWS without an SDK.
            direct = {"AWS_ENDPOINT_URL": address} if function == "post_worker" else {}
            with patch.dict(os.environ, direct):
                sweep(function, folder, secrets, world)


def _all_items(item: type[TableItem]) -> list[type[TableItem]]:
    found = [one for child in item.__subclasses__() for one in [child, *_all_items(child)]]
    return [one for one in found if "logical_name" in vars(one)]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
