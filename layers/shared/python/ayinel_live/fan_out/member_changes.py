"""What a change in Members tells whom: bans, time-outs and roles take effect at once."""

from __future__ import annotations

from collections.abc import Iterator

from ayinel_live.channels.model import FOR_GOOD, Role
from ayinel_live.channels.pseudonyms import is_erased
from ayinel_live.channels.store import MemberItem
from ayinel_live.fan_out.images import (
    Image,
    NamedAttribute,
    optional_text,
    optional_whole,
    text,
    whole,
)
from ayinel_live.fan_out.news import ForChannel, News, PersonOut
from ayinel_live.runtime.clock import from_milliseconds, to_rfc3339


def member_news(old: Image | None, new: Image | None) -> Iterator[News]:
    """Yield what a changed standing tells whom.

    Whoever is banned is shut out. Whoever becomes a moderator, or is one no longer, is
    disconnected too: the client is back within a second under a ticket that holds the new role,
    and nobody goes on seeing what waits for moderators.

    Args:
        old: The image before, None where the person is new to the channel.
        new: The image after, None where the standing was deleted: the person was erased, which
            lifts no sanction, and what is left of one is nobody's whom others know.
    """
    if new is None:
        if old is not None and _role(old) == Role.MODERATOR:
            yield PersonOut(text(old, MemberItem.owner_id), text(old, MemberItem.user_id))
        return
    owner_id, user_id = text(new, MemberItem.owner_id), text(new, MemberItem.user_id)
    if is_erased(user_id):
        return
    banned = _end(new, MemberItem.banned_until)
    muted = _end(new, MemberItem.muted_until)
    was_banned, was_muted = _end(old, MemberItem.banned_until), _end(old, MemberItem.muted_until)
    version = whole(new, MemberItem.version, 1)
    if banned is not None and banned != was_banned:
        yield _told(owner_id, user_id, version, "ban", banned)
        yield PersonOut(owner_id, user_id)
    elif muted is not None and muted != was_muted:
        yield _told(owner_id, user_id, version, "time-out", muted)
    elif (was_banned, was_muted) != (banned, muted):
        yield _told(owner_id, user_id, version, "lifted", None)
    if _role(old) != _role(new) and (banned is None or banned == was_banned):
        yield PersonOut(owner_id, user_id)


def _told(owner_id: str, user_id: str, version: int, sanction: str, until: int | None) -> News:
    event: dict[str, object] = {
        "type": "user-banned",
        "userId": user_id,
        "sanction": sanction,
        "version": version,
    }
    if until is not None and until < FOR_GOOD:
        event["until"] = to_rfc3339(from_milliseconds(until))
    return ForChannel(owner_id, event)


def _end(image: Image | None, attribute: NamedAttribute) -> int | None:
    return None if image is None else optional_whole(image, attribute)


def _role(image: Image | None) -> str:
    if image is None:
        return Role.VIEWER
    return optional_text(image, MemberItem.role) or Role.VIEWER
