"""What stands for a person in one creator's channel, where the id itself is not needed or is gone.

A digest over the creator's and the person's id: whoever comes with that very id is known again, in
that channel alone, and nobody comes from the digest to the id. It is not keyed, since ids are the
issuer's random ones and the send path, which computes it, holds no secret: whoever has the id can
tell whether a digest is that person's, and so can only confirm what is known already.
"""

from __future__ import annotations

import hashlib
import re

ERASED_PREFIX = "erased_"
# 128 bits: no two people meet, and a key no longer than the ids it stands for.
_DIGEST_CHARACTERS = 32
_ERASED = re.compile(rf"{ERASED_PREFIX}[0-9a-f]{{{_DIGEST_CHARACTERS}}}")


def chatter_id(owner_id: str, user_id: str) -> str:
    """Return the key of a person's hot copy in a channel.

    Args:
        owner_id: The creator.
        user_id: The person, or what stands for somebody who was erased.
    """
    if is_erased(user_id):
        return user_id.removeprefix(ERASED_PREFIX)
    # No id has a `#`.
    digest = hashlib.sha256(f"{owner_id}#{user_id}".encode()).hexdigest()
    return digest[:_DIGEST_CHARACTERS]


def erased_id(owner_id: str, user_id: str) -> str:
    """Return what stands for a person in a channel's lists once the person is erased."""
    return ERASED_PREFIX + chatter_id(owner_id, user_id)


def is_erased(user_id: str) -> bool:
    """Say whether an id stands for somebody who was erased."""
    return _ERASED.fullmatch(user_id) is not None
