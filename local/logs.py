"""What servers and functions wrote last: `python -m local logs`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
from rich.console import Console

if TYPE_CHECKING:
    from local.runtime import Runtime

_PREFIX = "/aws/lambda/"


def print_logs(runtime: Runtime, *, lines: int, function: str | None) -> None:
    """Print the newest lines of each program and of each function's log group.

    Args:
        runtime: The runtime.
        lines: How many lines of each.
        function: Only the log groups whose name holds this.
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
    for group in _log_groups(client):
        if function is None or function.replace("_", "") in group.lower().replace("_", ""):
            _print_group(console, client, group, lines)


def _log_groups(client: Any) -> list[str]:
    pages = client.get_paginator("describe_log_groups").paginate()
    names = [group["logGroupName"] for page in pages for group in page["logGroups"]]
    return sorted(names)


def _print_group(console: Console, client: Any, group: str, lines: int) -> None:
    pages = client.get_paginator("filter_log_events").paginate(logGroupName=group)
    events = [event for page in pages for event in page["events"]]
    if not events:
        return
    console.print(f"== {group.removeprefix(_PREFIX)}")
    for event in sorted(events, key=lambda entry: entry["timestamp"])[-lines:]:
        moment = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
        console.print(f"{moment:%H:%M:%S}  {event['message'].rstrip()}")
