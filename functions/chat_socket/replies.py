"""What the function answers: frames that the gateway hands back on the same connection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import BaseModel

from ayinel_live.chat.frames import sentence_for
from ayinel_live.chat.send import Accepted, Rejected
from ayinel_live.connections.frames import (
    MAX_FRAME_BYTES,
    MessageAcceptedFrame,
    MessageRejectedFrame,
    ProblemFrame,
    ResumedFrame,
)
from ayinel_live.runtime.problems import problem_from

Reply = dict[str, object]
# Room for the batch around the events, and for the `resumed` that ends it.
_BATCH_MARGIN_BYTES = 512


def reply(frame: BaseModel) -> Reply:
    """Return the answer that carries one frame."""
    return _reply(_render(frame))


def no_reply(status: int = 200) -> Reply:
    """Return the answer that carries nothing.

    Args:
        status: Of `$connect`, what the handshake ends with.
    """
    return {"statusCode": status}


def problem_reply(error: Exception, client_message_id: str | None = None) -> Reply:
    """Return the answer that tells of a fault; the connection stays.

    Args:
        error: The fault.
        client_message_id: The client's id of the message that it is about.
    """
    body: Mapping[str, object] = problem_from(error).body
    return reply(ProblemFrame(problem=dict(body), client_message_id=client_message_id))


def sent_reply(stream_id: str, client_message_id: str, outcome: Accepted | Rejected) -> Reply:
    """Return the answer to `send-message`."""
    if isinstance(outcome, Accepted):
        return reply(
            MessageAcceptedFrame(
                id=outcome.message_id, stream_id=stream_id, client_message_id=client_message_id
            )
        )
    categories = tuple(category.value for category in outcome.verdict.categories)
    reason, detail = sentence_for(categories)
    return reply(
        MessageRejectedFrame(
            id=outcome.message_id,
            stream_id=stream_id,
            client_message_id=client_message_id,
            reason=reason,
            detail=detail,
            version=1,
        )
    )


def resumed_reply(events: Iterable[tuple[str, BaseModel | None]], end: ResumedFrame) -> Reply:
    """Return the answer to `resume`: as many events as a frame holds, and how it ends.

    Args:
        events: Change ids in order, each with its event, or None where it is not for this viewer.
        end: The `resumed` for the case that everything fits.
    """
    parts: list[str] = []
    size = _BATCH_MARGIN_BYTES
    newest = end.newest_change_id
    has_more = end.has_more
    for change_id, event in events:
        part = "" if event is None else _render(event)
        size += len(part.encode()) + 1
        if size > MAX_FRAME_BYTES:
            has_more = True
            break
        newest = change_id
        if part:
            parts.append(part)
    last = _render(end.model_copy(update={"newest_change_id": newest, "has_more": has_more}))
    if not parts:
        return _reply(last)
    return _reply(f'{{"type":"batch","events":[{",".join([*parts, last])}]}}')


def _render(frame: BaseModel) -> str:
    return frame.model_dump_json(by_alias=True, exclude_none=True)


def _reply(body: str) -> Reply:
    return {"statusCode": 200, "body": body}
