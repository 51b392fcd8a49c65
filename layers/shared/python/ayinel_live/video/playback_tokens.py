"""Playback tokens for authorised channels (Amazon IVS, "Setting Up Private Channels").

An ES384 JWT in the playlist's query, checked when playback starts. A token that names a viewer
lives ten minutes at most, and that viewer's playback can be revoked up to a session version; the
version is the time of issue, so that a revocation hits what was issued until then and a later
invitation works again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

ALGORITHM = "ES384"
# A token is looked at when playback starts, which takes seconds (IVS would allow ten minutes). The
# next broadcast on the channel begins only when the tokens of the last have expired.
TOKEN_LIFE = timedelta(seconds=45)


@dataclass(frozen=True, slots=True)
class PlaybackGrant:
    """Who may play what.

    Attributes:
        channel_id: The channel (IVS: its ARN).
        viewer_id: The `viewer_tag` by which playback can be revoked.
        origin: The site whose pages may play it; "" for any.
    """

    channel_id: str
    viewer_id: str
    origin: str = ""


def session_version(moment: datetime) -> int:
    """Return the session version of a token issued then: its epoch milliseconds."""
    return int(moment.timestamp() * 1000)


def viewer_tag(user_id: str) -> str:
    """Return what a person is called in tokens: IVS takes 40 characters that identify nobody."""
    return hashlib.sha256(user_id.encode()).hexdigest()[:40]


def sign_playback(grant: PlaybackGrant, private_key_pem: str, now: datetime) -> str:
    """Return a playback token.

    Args:
        grant: Who may play what.
        private_key_pem: The private half of a key pair that the provider knows.
        now: The current time.
    """
    import jwt

    claims: dict[str, Any] = {
        "aws:channel-arn": grant.channel_id,
        "exp": int((now + TOKEN_LIFE).timestamp()),
        "aws:viewer-id": grant.viewer_id,
        "aws:viewer-session-version": session_version(now),
    }
    if grant.origin:
        claims["aws:access-control-allow-origin"] = grant.origin
    return jwt.encode(claims, private_key_pem, algorithm=ALGORITHM)
