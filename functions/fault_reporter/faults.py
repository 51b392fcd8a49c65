"""From a log line to a fault, and from faults of one cause to one fingerprint."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# What Lambda itself writes when a function did not come to an end, or not to a beginning.
# https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
_PLATFORM = re.compile(r"(Task timed out)|(Runtime exited)|(Runtime\.[A-Za-z]+)")
# How the filters of log groups know lines that may tell of a fault: any of these terms.
FILTER_TERMS = ("exception_name", "Task timed out", "Runtime exited", "Runtime.ImportModuleError")
FRAMES_COMPARED = 5
_PLACES = re.compile(r"^.*/(?=functions/|ayinel_live/|site-packages/|python3)")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as it is told.

    Attributes:
        service: The function.
        kind: The type of the exception, or what Lambda calls it.
        sentence: The line's message.
        place: Where it was raised: file and function; empty where nobody knows.
        fingerprint: The same for faults of one cause, whatever line of the file it was on.
        request_id: Of the request or invocation, where the line has one.
    """

    service: str
    kind: str
    sentence: str
    place: str
    fingerprint: str
    request_id: str = ""


def fault_from(service: str, line: str) -> Fault | None:
    """Return the fault that a log line tells of; None where it tells of none.

    Neither the exception's text nor a statement is looked at: they differ from case to case, and
    are nobody's business.

    Args:
        service: The function whose log it is.
        line: The line.
    """
    entry = _entry(line)
    if entry is None:
        found = _PLATFORM.search(line)
        if found is None:
            return None
        return _fault(service, found[0], "invocation_ended", ())
    kind = entry.get("exception_name")
    if not isinstance(kind, str):
        return None
    frames = (entry.get("stack_trace") or {}).get("frames") or []
    places = [
        f"{_PLACES.sub('', str(frame.get('file', '')))}:{frame.get('function', '')}"
        for frame in frames
    ]
    ids = entry.get("request_id") or entry.get("event_id") or ""
    return _fault(service, kind, str(entry.get("message", "")), places, str(ids))


def _fault(
    service: str, kind: str, sentence: str, places: Sequence[str], request_id: str = ""
) -> Fault:
    compared = (service, kind, sentence, *places[-FRAMES_COMPARED:])
    digest = hashlib.sha256("\n".join(compared).encode()).hexdigest()[:16]
    return Fault(service, kind, sentence, places[-1] if places else "", digest, request_id)


def _entry(line: str) -> Mapping[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
