"""Ids of people who watch without signing in: given out by the server, kept by the browser.

The browser keeps a viewer token `anon_<ULID>.<HMAC-SHA256>` and shows it at its next ticket to be
the same person. Everything else (connections, messages, bans) knows only the part before the dot,
the viewer id, which others may see: without the signature it opens nothing. Nobody can be born
with an id of their choice, so bans hold and views cannot be made up by inventing ids.
"""

from __future__ import annotations

import re
from datetime import datetime

from ayinel_live.identity.signatures import Secrets, Signer
from ayinel_live.runtime.ids import ULID_PATTERN, new_ulid

ANONYMOUS_PREFIX = "anon_"
_PURPOSE = "viewer-id"
_VIEWER_ID = re.compile(ANONYMOUS_PREFIX + ULID_PATTERN.strip("^$"))


def is_anonymous(viewer_id: str) -> bool:
    """Say whether a viewer id belongs to somebody who is not signed in."""
    return viewer_id.startswith(ANONYMOUS_PREFIX)


def guest_name(viewer_id: str) -> str:
    """Return the name under which an anonymous viewer is shown, such as `Guest 7Q4ZK`."""
    return f"Guest {viewer_id[-5:]}"


class ViewerIds:
    """Gives out and recognises viewer ids.

    Args:
        secrets: Where the signing secrets come from.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._signer = Signer(secrets, _PURPOSE)

    def new(self, now: datetime) -> str:
        """Return a new viewer id."""
        return ANONYMOUS_PREFIX + new_ulid(now)

    def token_of(self, viewer_id: str) -> str:
        """Return the token by which its holder is known again."""
        return f"{viewer_id}.{self._signer.sign(viewer_id.encode())}"

    def recognise(self, viewer_token: str) -> str | None:
        """Return the viewer id of a token, or None where it is not one of ours."""
        viewer_id, _, signature = viewer_token.partition(".")
        if not _VIEWER_ID.fullmatch(viewer_id):
            return None
        return viewer_id if self._signer.verify(viewer_id.encode(), signature) else None
