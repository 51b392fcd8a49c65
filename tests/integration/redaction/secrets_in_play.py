"""The secrets that the sweep feeds to handlers, one of each kind that the product knows."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ayinel_live.identity.signatures import FixedSecrets, encode
from ayinel_live.identity.tickets import TicketIssuer
from ayinel_live.runtime.ids import new_ulid
from tests.support.tickets import ticket_claims

# Less of a secret than this is of no use to anybody.
PART_CHARACTERS = 16
TICKET_ID = "01JG00000000000000000000T1"


def make_secrets() -> dict[str, str]:
    """Return secrets by kind; those of one run are nobody else's."""
    signing = secrets.token_urlsafe(48)
    return {
        "stream_key": f"sk_us-west-2_{secrets.token_urlsafe(24)}",
        "bearer": _token({"sub": "ana", "token_use": "access"}),
        "playback_token": _token({"aws:channel-arn": "arn", "aws:viewer-id": "ana"}),
        "ticket": _ticket(signing),
        "viewer_token": f"anon_{new_ulid(datetime.now(UTC))}.{encode(secrets.token_bytes(32))}",
        "ticket_secret": signing,
        "origin_secret": secrets.token_urlsafe(48),
        "playback_key": _private_key(),
        "recording_key": _private_key(),
        "database": f"postgresql://live:{secrets.token_urlsafe(24)}@127.0.0.1:9/live",
        "access_key": secrets.token_urlsafe(30),
        "session_token": secrets.token_urlsafe(90),
    }


def parts_of(secret: str) -> set[str]:
    """Return what of a secret may stand in no line: half of a key is as bad as the whole."""
    secret = urlsplit(secret).password or secret
    lines = [line for line in secret.splitlines() if "-----" not in line]
    # What a token begins with is the same for all of them.
    told = {".".join(line.split(".")[:-1]) for line in lines if line.count(".") > 1}
    windows = {
        line[place : place + PART_CHARACTERS]
        for line in lines
        for place in range(max(1, len(line) - PART_CHARACTERS + 1))
    }
    return {part for part in windows if not any(part in common for common in told)}


def _token(claims: dict[str, str]) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256", "kid": "k"}, claims)]
    return ".".join(encode(part) for part in [*parts, secrets.token_bytes(256)])


def _ticket(signing: str) -> str:
    now = datetime.now(UTC).replace(microsecond=0)
    claims = ticket_claims(
        ticket_id=TICKET_ID,
        expires_at=now + timedelta(minutes=10),
        connection_expires_at=now + timedelta(hours=1),
    )
    return TicketIssuer(FixedSecrets(signing)).issue(claims)


def _private_key() -> str:
    key = ec.generate_private_key(ec.SECP384R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
