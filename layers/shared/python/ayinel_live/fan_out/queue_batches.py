"""How many messages one SendMessageBatch takes, and which of them failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Entry: TypeAlias = dict[str, Any]

# Amazon SQS quotas: entries and bytes of one SendMessageBatch.
MAX_ENTRIES = 10
MAX_BATCH_BYTES = 256 * 1024
# What the attribute that hands an id on takes of it, name, type and value.
_ATTRIBUTES_BYTES = 256


def batches(entries: Sequence[Entry]) -> list[dict[str, Entry]]:
    """Deal entries over as few batches as hold them, in order.

    Args:
        entries: Of SendMessageBatch, without `Id`.

    Returns:
        Batches of entries by the id that each has in its batch.
    """
    dealt: list[dict[str, Entry]] = []
    size = 0
    for entry in entries:
        entry_bytes = len(entry["MessageBody"].encode(errors="replace"))
        entry_bytes += _ATTRIBUTES_BYTES if "MessageAttributes" in entry else 0
        if not dealt or len(dealt[-1]) == MAX_ENTRIES or size + entry_bytes > MAX_BATCH_BYTES:
            dealt.append({})
            size = 0
        dealt[-1][str(len(dealt[-1]))] = entry
        size += entry_bytes
    return dealt


def entries_of(batch: Mapping[str, Entry]) -> list[Entry]:
    """Return the batch as SendMessageBatch wants it."""
    return [{"Id": number, **entry} for number, entry in batch.items()]


def unsent(batch: Mapping[str, Entry], answer: Mapping[str, Any]) -> dict[str, Entry]:
    """Return the entries of a batch that the queue did not take.

    Args:
        batch: What was sent.
        answer: Of SendMessageBatch.
    """
    failed = {fault["Id"] for fault in answer.get("Failed") or ()}
    return {number: entry for number, entry in batch.items() if number in failed}
