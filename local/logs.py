"""What servers and functions wrote last: `python -m local logs`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
from rich.console import Console

from local.errors import LocalError

if TYPE_CHECKING:
    from local.runtime import Runtime

# What the runtime says around an invocation, and metrics, which CloudWatch takes from the log.
_NOT_WRITTEN_BY_FUNCTIONS = (
    "START RequestId: ",
    "END RequestId: ",
    "REPORT RequestId: ",
    '{"_aws"',
)


def print_logs(runtime: Runtime, *, lines: int, function: str | None) -> None:
    """Print the newest lines of each program and of each function's log group.

    Args:
        runtime: The runtime.
        lines: How many lines of each.
        function: Only the log groups whose name holds this.

    Raises:
        LocalError: There is no such function.
    """
    console = Console(soft_wrap=True, markup=False, highlight=False)
    if function is None:
        for path in sorted(runtime.layout.logs_dir.glob("*.log")):
            console.print(f"== {path.name}")
            for line in path.read_text(errors="replace").splitlines()[-lines:]:
                console.print(line)
    if runtime.emulator.running_pid() is None:
        return
    client = boto3.Session(**runtime.emulator.credentials()).client(
        "logs", endpoint_url=runtime.emulator.endpoint_url
    )
    groups = _log_groups(client)
    wanted = [group for group in groups if _plain(function or "") in _plain(group)]
    if function is not None and not wanted:
        raise LocalError(f"There is no function {function}: {', '.join(map(_function_of, groups))}")
    for group in wanted:
        _print_group(console, client, group, lines)


def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def _function_of(group: str) -> str:
    return group.rpartition("/")[2]


def _log_groups(client: Any) -> list[str]:
    pages = client.get_paginator("describe_log_groups").paginate()
    names = [group["logGroupName"] for page in pages for group in page["logGroups"]]
    return sorted(names)


def _print_group(console: Console, client: Any, group: str, lines: int) -> None:
    pages = client.get_paginator("filter_log_events").paginate(logGroupName=group)
    events = [
        event
        for page in pages
        for event in page["events"]
        if not event["message"].startswith(_NOT_WRITTEN_BY_FUNCTIONS)
    ]
    if not events:
        return
    console.print(f"== {_function_of(group)}")
    for event in sorted(events, key=lambda entry: entry["timestamp"])[-lines:]:
        moment = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
        console.print(f"{moment:%H:%M:%S}  {event['message'].rstrip()}")
