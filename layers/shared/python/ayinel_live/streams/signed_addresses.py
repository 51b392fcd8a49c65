"""Signatures that open what CloudFront serves to signers alone.

A policy with a wildcard opens a whole recording: its playlists name their segments relatively, and
each request needs the signature, in its query or as cookies (CloudFront developer guide, "Serve
private content with signed URLs and signed cookies").
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

# Long enough to see a long recording to its end.
SIGNATURE_LIFE = timedelta(hours=6)
_KEPT_SIGNATURES = 2048


@dataclass(frozen=True, slots=True)
class AddressKey:
    """A key pair that CloudFront trusts."""

    key_pair_id: str
    private_key: str = field(repr=False)


def expiry(now: datetime) -> datetime:
    """Return until when a signature made now is good.

    It is the same for all within an hour, so that signatures are made once and addresses stay the
    same for browsers that keep pictures.
    """
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1) + SIGNATURE_LIFE


def sign(key: AddressKey, resource: str, now: datetime) -> Mapping[str, str]:
    """Return `Policy`, `Signature` and `Key-Pair-Id`.

    Args:
        key: The key pair.
        resource: The address that they open; `*` stands for anything.
        now: The time.
    """
    policy, signature = _signed(key, resource, int(expiry(now).timestamp()))
    return {"Policy": policy, "Signature": signature, "Key-Pair-Id": key.key_pair_id}


def with_query(address: str, signature: Mapping[str, str]) -> str:
    """Return an address with its signature; the alphabet needs no escaping."""
    return f"{address}?{'&'.join(f'{name}={value}' for name, value in signature.items())}"


@lru_cache(maxsize=_KEPT_SIGNATURES)
def _signed(key: AddressKey, resource: str, expires: int) -> tuple[str, str]:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    condition = {"DateLessThan": {"AWS:EpochTime": expires}}
    statement = {"Resource": resource, "Condition": condition}
    policy = json.dumps({"Statement": [statement]}, separators=(",", ":")).encode()
    # RSA with SHA-1 is what CloudFront verifies.
    signature = _private_key(key).sign(policy, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
    return _encode(policy), _encode(signature)


@lru_cache(maxsize=2)
def _private_key(key: AddressKey) -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    private = load_pem_private_key(key.private_key.encode(), password=None)
    assert isinstance(private, RSAPrivateKey)
    return private


def _encode(data: bytes) -> str:
    """Return base64 in CloudFront's alphabet."""
    return base64.b64encode(data).decode().translate(str.maketrans("+=/", "-_~"))
