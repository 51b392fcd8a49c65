"""The key pairs that sign recordings' addresses: private halves lie in Secrets Manager alone.

CloudFront serves a recording to whoever shows a policy signed by a key of its key group. A new pair
is made known there long before the first signature with it, and an old one stays known until every
signature that it made has expired, so that no viewer is cut off. What the secret says is the truth:
each look brings the key group up to it and removes pairs that were made and never written down.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from ayinel_live.runtime.clock import Clock, from_rfc3339, to_rfc3339, utc_now
from ayinel_live.runtime.kept_secrets import KeptSecret

ROTATE_AFTER = timedelta(days=90)
# CloudFront's edges learn of a key group's change within minutes.
KNOWN_AFTER = timedelta(hours=1)
# Longer than a signature lives, and than a function keeps the secret in memory.
RETIRE_AFTER = timedelta(days=1)
# What CloudFront takes (developer guide, "Create key pairs for your signers").
_KEY_BITS = 2048


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key pair.

    Attributes:
        key_pair_id: What CloudFront calls its public half.
        private_key: PEM of the private half.
        created_at: When it was made.
    """

    key_pair_id: str
    private_key: str = field(repr=False)
    created_at: str


@dataclass(frozen=True, slots=True)
class KeyRing:
    """What the secret holds.

    Attributes:
        current: Signs.
        next: Will sign once every edge knows it.
        previous: Signed before; what it signed is still good.
        changed_at: When `current` began to sign.
    """

    current: SigningKey | None = None
    next: SigningKey | None = None
    previous: SigningKey | None = None
    changed_at: str = ""

    @property
    def key_pair_ids(self) -> tuple[str, ...]:
        """Every pair of which signatures may be out."""
        keys = (self.current, self.next, self.previous)
        return tuple(key.key_pair_id for key in keys if key is not None)


class KeyGroup(Protocol):
    """Whose signatures are trusted."""

    def add(self, name: str, public_key_pem: str) -> str:
        """Make a public key known; returns its id. It is not trusted yet."""

    def trust(self, key_pair_ids: tuple[str, ...]) -> None:
        """Trust these keys and no others."""

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield every known key as (id, name)."""

    def remove(self, key_pair_id: str) -> None:
        """Forget a key that is trusted no more."""


class RecordingKeySecret(KeptSecret[KeyRing]):
    """The secret, kept in memory for a while."""

    refusal = "The recordings' keys cannot be had."

    def parse(self, text: str) -> KeyRing:
        """Return the keys; none where the secret is as it was generated with the stack."""
        try:
            stored = json.loads(text)
            keys = {
                name: SigningKey(**stored[name])
                for name in ("current", "next", "previous")
                if name in stored
            }
            return KeyRing(**keys, changed_at=stored.get("changed_at", ""))
        except (ValueError, TypeError):
            return KeyRing()

    def render(self, content: KeyRing) -> str:
        """Return the keys as JSON."""
        return json.dumps({name: value for name, value in asdict(content).items() if value})

    def is_filled(self, content: KeyRing) -> bool:
        """Whether there is a key to sign with."""
        return content.current is not None


class RecordingKeys:
    """Makes and rotates the key pairs, one step a look.

    Args:
        secret: Where they lie.
        group: Where their public halves are trusted.
        prefix: Begins the names of this deployment's keys and of no other's.
        clock: Tells the time.
    """

    def __init__(
        self, secret: RecordingKeySecret, group: KeyGroup, prefix: str, clock: Clock = utc_now
    ) -> None:
        self._secret = secret
        self._group = group
        self._prefix = prefix
        self._clock = clock

    def rotate(self) -> str:
        """Do what is due.

        Returns:
            What was done: `made`, `announced`, `changed`, `retired` or `kept`.
        """
        now = self._clock()
        found = self._secret.read()
        outcome, ring = self._step(found, now)
        if ring != found:
            self._secret.write(ring)
        self._settle(ring)
        return outcome

    def discard(self, stand_in: str) -> None:
        """Forget every key, as this deployment goes.

        Args:
            stand_in: The key that is trusted instead: a key group is never empty.
        """
        self._secret.write(KeyRing())
        self._group.trust((stand_in,))
        self._remove_all_but(())

    def _step(self, ring: KeyRing, now: datetime) -> tuple[str, KeyRing]:
        if ring.current is None:
            return "made", KeyRing(current=self._make(now), changed_at=to_rfc3339(now))
        if ring.next is not None:
            if now - from_rfc3339(ring.next.created_at) < KNOWN_AFTER:
                return "kept", ring
            return "changed", KeyRing(ring.next, None, ring.current, to_rfc3339(now))
        if ring.previous is not None:
            if now - from_rfc3339(ring.changed_at) < RETIRE_AFTER:
                return "kept", ring
            return "retired", replace(ring, previous=None)
        if now - from_rfc3339(ring.current.created_at) < ROTATE_AFTER:
            return "kept", ring
        return "announced", replace(ring, next=self._make(now))

    def _settle(self, ring: KeyRing) -> None:
        self._group.trust(ring.key_pair_ids)
        self._remove_all_but(ring.key_pair_ids)

    def _remove_all_but(self, kept: tuple[str, ...]) -> None:
        for key_pair_id, name in tuple(self._group.names()):
            if name.startswith(self._prefix) and key_pair_id not in kept:
                self._group.remove(key_pair_id)

    def _make(self, now: datetime) -> SigningKey:
        private_pem, public_pem = make_key_pair()
        key_pair_id = self._group.add(f"{self._prefix}{now:%Y%m%dT%H%M%S}", public_pem)
        return SigningKey(key_pair_id, private_pem, to_rfc3339(now))


def make_key_pair() -> tuple[str, str]:
    """Return a new RSA key pair as PEM: (private, public)."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    private_pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public_pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private_pem.decode(), public_pem.decode()
