"""Rebuild a stream's counters from its stored views and messages: `python -m local audit`.

The same works against AWS with `--environment dev`: the tables' names come from the outputs of that
environment's stack, the credentials from the environment.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from ayinel_live.audience.audit import Audit, Auditor
from ayinel_live.audience.store import AudienceItem, AudienceMarkerItem, ViewerItem
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.history.messages import counted_messages
from ayinel_live.runtime.clock import from_rfc3339
from ayinel_live.runtime.names import table_output
from ayinel_live.runtime.tables import TableItem, bind_table
from ayinel_live.streams.items import StreamItem
from local.errors import LocalError

if TYPE_CHECKING:
    from local.runtime import Runtime

# Counters follow the views that they are made of by seconds, on a machine that is busy by more.
_SETTLING_SECONDS = 20.0

_ITEMS: tuple[type[TableItem], ...] = (
    AudienceItem,
    AudienceMarkerItem,
    ChatMessageItem,
    StreamItem,
    ViewerItem,
)


def audit_here(runtime: Runtime, stream_id: str) -> Audit:
    """Audit a stream of the local stack.

    Args:
        runtime: A runtime that is up.
        stream_id: The stream.

    Raises:
        LocalError: Nothing is deployed, or there is no such stream.
    """
    outputs = runtime.outputs()
    os.environ.update(runtime.emulator.client_environment())
    return _audit({name[0].upper() + name[1:]: value for name, value in outputs.items()}, stream_id)


def audit_on_aws(environment: str, stream_id: str) -> Audit:
    """Audit a stream of a deployed environment.

    Args:
        environment: Such as `dev`.
        stream_id: The stream.

    Raises:
        LocalError: There is no such environment or stream, or AWS cannot be reached.
    """
    name = f"AyinelLive-{environment}-Data"
    try:
        stacks = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except (BotoCoreError, ClientError) as error:
        raise LocalError(f"The stack {name} cannot be read: {error}") from None
    outputs = {entry["OutputKey"]: entry["OutputValue"] for entry in stacks[0]["Outputs"]}
    return _audit(outputs, stream_id)


def settled(audit: Callable[[], Audit]) -> Audit:
    """Audit until nothing differs, or for as long as counters may take to follow their views.

    Args:
        audit: Audits once.
    """
    deadline = time.monotonic() + _SETTLING_SECONDS
    while (found := audit()).differences and time.monotonic() < deadline:
        time.sleep(1)
    return found


def print_audit(audit: Audit) -> int:
    """Print what comparing found.

    Returns:
        The exit status: 0 where every counter is right, 1 where one is not.
    """
    console = Console()
    if not audit.differences:
        console.print(
            f"Every counter is what {audit.viewers} viewers and their messages add up to."
        )
        return 0
    table = Table("counter", "stored", "rebuilt")
    for difference in audit.differences:
        table.add_row(difference.counter, str(difference.stored), str(difference.rebuilt))
    console.print(table)
    return 1


def _audit(outputs: Mapping[str, str], stream_id: str) -> Audit:
    for item in _ITEMS:
        bind_table(item, outputs[table_output(item.logical_name)])
    try:
        stream = StreamItem.get(stream_id)
    except StreamItem.DoesNotExist:
        raise LocalError(f"There is no stream {stream_id}") from None
    end = None if stream.end_time is None else from_rfc3339(stream.end_time)
    return Auditor().audit(stream_id, end, counted_messages(stream_id))
