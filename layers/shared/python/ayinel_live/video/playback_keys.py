"""The key pair that signs playback tokens: its private half lies in Secrets Manager alone.

The secret is JSON with `current` and, after a rotation, `previous`: tokens are signed with the
current one, and the provider goes on accepting the previous one until every token that it signed
has expired, so that no viewer is cut off. The provider keeps few pairs per account, so that there
are never more than two of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Protocol

from ayinel_live.runtime.clock import Clock, from_rfc3339, to_rfc3339, utc_now
from ayinel_live.runtime.errors import BusyError
from ayinel_live.runtime.idempotency import IdempotencyStore
from ayinel_live.runtime.ids import ULID_PATTERN, new_ulid
from ayinel_live.runtime.kept_secrets import KeptSecret

ROTATE_AFTER = timedelta(days=90)
# Far longer than a token lives, and than a function keeps the secret in memory.
RETIRE_AFTER = timedelta(hours=1)
_WORK_LIMIT = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class PlaybackKey:
    """A key pair.

    Attributes:
        key_pair_id: What the provider calls it (IVS: the ARN).
        private_key: PEM of the private half.
        created_at: When it was made.
    """

    key_pair_id: str
    private_key: str = field(repr=False)
    created_at: str


@dataclass(frozen=True, slots=True)
class KeyRing:
    """What the secret holds."""

    current: PlaybackKey | None = None
    previous: PlaybackKey | None = None


class KeyPairRegistry(Protocol):
    """Where public halves are made known: the provider."""

    def import_playback_key(self, name: str, public_key_pem: str) -> str:
        """Accept tokens of a key pair; returns its id."""

    def playback_keys(self) -> Mapping[str, str]:
        """Return the ids of all key pairs that are accepted, by name."""

    def delete_playback_key(self, key_pair_arn: str) -> None:
        """Refuse tokens of a key pair."""


class PlaybackKeySecret(KeptSecret[KeyRing]):
    """The secret, kept in memory for a while."""

    refusal = "The playback keys cannot be had."

    def parse(self, text: str) -> KeyRing:
        """Return the keys; none where the secret is as it was generated with the stack."""
        try:
            stored = json.loads(text)
            names = [name for name in ("current", "previous") if name in stored]
            keys = {name: PlaybackKey(**stored[name]) for name in names}
        except (ValueError, TypeError):
            return KeyRing()
        return KeyRing(current=keys.get("current"), previous=keys.get("previous"))

    def render(self, content: KeyRing) -> str:
        """Return the keys as JSON."""
        entries = {"current": content.current, "previous": content.previous}
        return json.dumps({name: asdict(key) for name, key in entries.items() if key is not None})

    def is_filled(self, content: KeyRing) -> bool:
        """Whether there is a key to sign with."""
        return content.current is not None


class PlaybackKeys:
    """Makes and rotates the key pair.

    Args:
        secret: Where it lies.
        registry: The provider.
        idempotency: Keeps two from making one at once.
        stage: The deployment.
        clock: Tells the time.
    """

    def __init__(
        self,
        secret: PlaybackKeySecret,
        registry: KeyPairRegistry,
        idempotency: IdempotencyStore,
        *,
        stage: str,
        clock: Clock = utc_now,
    ) -> None:
        self._secret = secret
        self._registry = registry
        self._idempotency = idempotency
        self._stage = stage
        self._name_prefix = f"ayinel-{stage}-"
        self._clock = clock

    def ensure(self) -> PlaybackKey:
        """Return the current key pair, made on first need.

        Raises:
            BusyError: Somebody else is making it right now.
            UpstreamError: The provider or Secrets Manager did not answer.
        """
        known = self._secret.remembered().current
        return known if known is not None else self._replace(None)

    def rotate(self) -> str:
        """Make a new pair where the current one is old, and retire the one before.

        Returns:
            What was done: `made`, `rotated`, `retired` or `kept`.
        """
        ring = self._secret.read()
        now = self._clock()
        if ring.current is None:
            self._replace(None)
            return "made"
        age = now - from_rfc3339(ring.current.created_at)
        if ring.previous is not None and age >= RETIRE_AFTER:
            self._registry.delete_playback_key(ring.previous.key_pair_id)
            self._secret.write(KeyRing(current=ring.current))
            return "retired"
        if age >= ROTATE_AFTER:
            self._replace(ring.current)
            return "rotated"
        return "kept"

    def _replace(self, former: PlaybackKey | None) -> PlaybackKey:
        """Make a pair in the place of one, unless somebody else has by now."""
        now = self._clock()
        work_id = new_ulid(now)
        claim = self._idempotency.claim(
            f"playback-key#{self._stage}",
            work_id,
            fingerprint="",
            now=now,
            expires_at=now + _WORK_LIMIT,
        )
        if not claim.is_first:
            raise BusyError("The playback keys are being made.", retry_after_seconds=3)
        ring = self._secret.read()
        if ring.current is not None and ring.current != former:
            return ring.current
        self._delete_orphans(ring)
        private_pem, public_pem = make_key_pair()
        made = PlaybackKey(
            key_pair_id=self._registry.import_playback_key(
                f"{self._name_prefix}{work_id}", public_pem
            ),
            private_key=private_pem,
            created_at=to_rfc3339(now),
        )
        self._secret.write(KeyRing(current=made, previous=ring.current))
        return made

    def _delete_orphans(self, ring: KeyRing) -> None:
        """Delete pairs whose private half nobody has: their maker died before it was written.

        Only whoever holds the claim may, for a pair is an orphan until its secret is written.
        """
        known = {key.key_pair_id for key in (ring.current, ring.previous) if key is not None}
        for name, key_pair_id in self._registry.playback_keys().items():
            # The whole of the name: another stage's can begin with all of ours.
            is_ours = name.startswith(self._name_prefix) and re.match(
                ULID_PATTERN, name.removeprefix(self._name_prefix)
            )
            if is_ours and key_pair_id not in known:
                self._registry.delete_playback_key(key_pair_id)


def make_key_pair() -> tuple[str, str]:
    """Return a new P-384 key pair as PEM: (private, public)."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP384R1())
    private_pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public_pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private_pem.decode(), public_pem.decode()
