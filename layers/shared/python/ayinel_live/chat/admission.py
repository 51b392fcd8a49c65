"""May this person send now? One conditional write decides; this module is what it says.

`admission_write` renders the decision as the condition and the update of one DynamoDB UpdateItem on
the chatter's item; `explain` reads, from the item that made the condition fail, why. Both are pure.

The rate limit is the generic cell rate algorithm (ITU-T I.371): the item holds the theoretical
arrival time, `tat`. A message that comes at or after it sets `tat = now + T`. One that comes early,
but within the tolerance, sets `tat = tat + T`, which takes a second write, since an update
expression has no maximum. An item that was never written admits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ayinel_live.channels.chat_settings import ChatSettings, Participants
from ayinel_live.chat.model import Sender
from ayinel_live.runtime.clock import from_milliseconds, to_rfc3339
from ayinel_live.runtime.errors import ForbiddenError, LiveError, RateLimitedError

INTERVAL_MILLISECONDS = 1500
BURST_MESSAGES = 5
TOLERANCE_MILLISECONDS = (BURST_MESSAGES - 1) * INTERVAL_MILLISECONDS

# The item remembers the newest messages, so that a repeat is known without a read: an id in the
# slot that its key chooses. What a slot forgot, the marker beside the stored message knows.
ID_SLOTS = 8
# Texts for the near-duplicate rule, cut short: with all slots full the item stays under 1 KB, one
# write unit.
TEXT_SLOTS = 4
TEXT_BYTES_MAX = 80
_KEY_CHARACTERS = 12
_MESSAGE_ID_CHARACTERS = 26

Item = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to send.

    Attributes:
        sender: Who sends.
        key: The message's key.
        message_id: The ULID that it gets if it is new.
        text: Its text.
        now: The time, epoch milliseconds.
        settings: The channel's.
    """

    sender: Sender
    key: str
    message_id: str
    text: str
    now: int
    settings: ChatSettings


@dataclass(frozen=True, slots=True)
class Repeat:
    """The message was accepted before, under this id."""

    message_id: str


@dataclass(frozen=True, slots=True)
class EarlyWithinTolerance:
    """Only the rate limit's plain case failed; the burst's write may be tried."""


def admission_write(attempt: Attempt, *, is_burst: bool = False) -> dict[str, Any]:
    """Return condition, update and values of the UpdateItem that decides.

    Args:
        attempt: The attempt.
        is_burst: Whether it is the second write, for a message that came early.
    """
    now = attempt.now
    values: dict[str, Any] = {
        ":now": {"N": str(now)},
        ":key": {"S": attempt.key[:_KEY_CHARACTERS]},
        ":id": {"S": attempt.key[:_KEY_CHARACTERS] + attempt.message_id},
        ":text": {"S": attempt.message_id + _cut(attempt.text)},
        ":T": {"N": str(INTERVAL_MILLISECONDS if is_burst else now + INTERVAL_MILLISECONDS)},
    }
    conditions = [
        "(attribute_not_exists(bannedUntil) OR bannedUntil <= :now)",
        "(attribute_not_exists(mutedUntil) OR mutedUntil <= :now)",
        "(attribute_not_exists(#id) OR NOT begins_with(#id, :key))",
    ]
    if is_burst:
        values[":latest"] = {"N": str(now + TOLERANCE_MILLISECONDS)}
        conditions.append("tat > :now AND tat <= :latest")
    else:
        conditions.append("(attribute_not_exists(tat) OR tat <= :now)")
    names = {"#id": id_slot(attempt.key), "#text": _text_slot(attempt.key)}
    if not attempt.sender.is_owner and (rules := _viewer_rules(attempt, values)):
        names["#role"] = "role"
        values[":moderator"] = {"S": "moderator"}
        conditions += rules
    tat = "tat + :T" if is_burst else ":T"
    return {
        "UpdateExpression": f"SET tat = {tat}, lastSentAt = :now, #id = :id, #text = :text",
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def _viewer_rules(attempt: Attempt, values: dict[str, Any]) -> list[str]:
    """Return what a viewer has to meet and a moderator has not, adding its values."""
    settings = attempt.settings
    if _never_admits(attempt):
        return ["#role = :moderator"]
    rules = []
    if settings.participants is Participants.FOLLOWERS:
        values[":followedBy"] = {"N": str(attempt.now - settings.follower_age_seconds * 1000)}
        rules.append("(#role = :moderator OR followingSince <= :followedBy)")
    if settings.slow_mode_seconds:
        values[":spokeBy"] = {"N": str(attempt.now - settings.slow_mode_seconds * 1000)}
        spoke = "attribute_not_exists(lastSentAt) OR lastSentAt <= :spokeBy"
        rules.append(f"(#role = :moderator OR {spoke})")
    return rules


def _never_admits(attempt: Attempt) -> bool:
    """Whether the channel's participants leave this person out, unless a moderator."""
    match attempt.settings.participants:
        case Participants.EVERYONE:
            return False
        case Participants.MODERATORS:
            return True
        case Participants.SIGNED_IN | Participants.FOLLOWERS:
            return attempt.sender.is_anonymous


def explain(item: Item, attempt: Attempt) -> Repeat | EarlyWithinTolerance | LiveError | None:
    """Say why the condition failed.

    Args:
        item: The chatter's item as it was; empty where there was none.
        attempt: The attempt.

    Returns:
        That it is a repeat, that it came early within the tolerance, the fault to answer with, or
        None where nothing in the item speaks against the attempt (it changed in between).
    """
    banned_until = _number(item, "bannedUntil")
    if banned_until is not None and banned_until > attempt.now:
        return ForbiddenError("You are banned from this channel.", code="banned")
    known = item.get(id_slot(attempt.key), {}).get("S", "")
    if known.startswith(attempt.key[:_KEY_CHARACTERS]):
        return Repeat(known[_KEY_CHARACTERS:])
    muted_until = _number(item, "mutedUntil")
    if muted_until is not None and muted_until > attempt.now:
        return _wait(
            "timed-out",
            "You are timed out.",
            muted_until - attempt.now,
            {"until": to_rfc3339(from_milliseconds(muted_until))},
        )
    if not _is_exempt(item, attempt) and (refusal := _explain_rules(item, attempt)):
        return refusal
    tat = _number(item, "tat")
    if tat is None or tat <= attempt.now:
        return None
    if tat - attempt.now <= TOLERANCE_MILLISECONDS:
        return EarlyWithinTolerance()
    return rate_limited(tat - TOLERANCE_MILLISECONDS - attempt.now)


def _explain_rules(item: Item, attempt: Attempt) -> LiveError | None:
    settings = attempt.settings
    if _never_admits(attempt):
        if settings.participants is Participants.MODERATORS:
            return ForbiddenError("Only moderators can write now.", code="moderators-only")
        return ForbiddenError("Only people who are signed in can write.", code="signed-in-only")
    if settings.participants is Participants.FOLLOWERS:
        since = _number(item, "followingSince")
        needed = settings.follower_age_seconds * 1000
        if since is None:
            return ForbiddenError(
                "Only followers of the channel can write.",
                code="followers-only",
                extra={"followerAgeSeconds": settings.follower_age_seconds},
            )
        if since > attempt.now - needed:
            return _wait(
                "followers-only",
                "You have not followed the channel for long enough.",
                since + needed - attempt.now,
                {"followerAgeSeconds": settings.follower_age_seconds},
            )
    last_sent_at = _number(item, "lastSentAt")
    if settings.slow_mode_seconds and last_sent_at is not None:
        wait = last_sent_at + settings.slow_mode_seconds * 1000 - attempt.now
        if wait > 0:
            return _wait(
                "slow-mode",
                "Slow mode is on.",
                wait,
                {"slowModeSeconds": settings.slow_mode_seconds},
            )
    return None


def rate_limited(wait_milliseconds: int) -> RateLimitedError:
    """Return the fault of somebody who sends too fast.

    Args:
        wait_milliseconds: Until the next message is admitted.
    """
    return _wait("rate-limited", "You are sending too fast.", wait_milliseconds, {})


def role_of(item: Item, sender: Sender) -> str:
    """Return what the sender is, from the item as it was when the message was admitted."""
    if sender.is_owner:
        return "owner"
    return "moderator" if item.get("role", {}).get("S") == "moderator" else "viewer"


def recent_texts(item: Item, attempt: Attempt) -> tuple[str, ...]:
    """Return the sender's latest texts, newest last, without that of the message itself.

    Long texts are remembered by their beginning; one that begins as this message does is taken for
    the same.

    Args:
        item: The chatter's item as it was.
        attempt: The attempt.
    """
    known = item.get(id_slot(attempt.key), {}).get("S", "")
    is_repeat = known.startswith(attempt.key[:_KEY_CHARACTERS])
    own_id = known[_KEY_CHARACTERS:] if is_repeat else attempt.message_id
    slots = (item.get(f"t{slot}", {}).get("S", "") for slot in range(TEXT_SLOTS))
    texts = (
        entry[_MESSAGE_ID_CHARACTERS:]
        for entry in sorted(slots)
        if entry and not entry.startswith(own_id)
    )
    beginning = _cut(attempt.text)
    return tuple(attempt.text if text == beginning else text for text in texts)


def id_slot(key: str) -> str:
    """Return the attribute that remembers a message of this key."""
    return f"m{_place(key) % ID_SLOTS}"


def _text_slot(key: str) -> str:
    return f"t{_place(key) // ID_SLOTS % TEXT_SLOTS}"


def _place(key: str) -> int:
    return int(key[-8:], 16)


def _cut(text: str) -> str:
    return text.encode()[:TEXT_BYTES_MAX].decode("utf-8", "ignore")


def _is_exempt(item: Item, attempt: Attempt) -> bool:
    return role_of(item, attempt.sender) != "viewer"


def _number(item: Item, name: str) -> int | None:
    value = item.get(name, {}).get("N")
    return None if value is None else int(float(value))


def _wait(code: str, what: str, milliseconds: int, extra: Mapping[str, object]) -> RateLimitedError:
    seconds = max(milliseconds, 1) / 1000
    return RateLimitedError(
        f"{what} Try again in {seconds:.1f} seconds.",
        code=code,
        retry_after_seconds=seconds,
        extra=extra,
    )
