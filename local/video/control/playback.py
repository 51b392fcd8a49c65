"""Operations on playback key pairs, playback restriction policies and viewer sessions."""

import hashlib

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import JsonValue

from local.video.arns import Names
from local.video.control import requests
from local.video.control.errors import (
    ConflictError,
    NotFoundError,
    QuotaExceededError,
    ValidationError,
)
from local.video.playback_token import KeyRefusedError, load_public_key
from local.video.resources import JsonObject, PlaybackKeyPair, PlaybackRestrictionPolicy
from local.video.settings import VideoSettings
from local.video.store import Store
from local.video.viewer_sessions import ViewerSessions

POLICY_MEMBERS = ("name", "allowedCountries", "allowedOrigins", "enableStrictOriginEnforcement")


class PlaybackOperations:
    """Who may play what."""

    def __init__(
        self, settings: VideoSettings, store: Store, names: Names, viewers: ViewerSessions
    ) -> None:
        self._settings = settings
        self._store = store
        self._names = names
        self._viewers = viewers

    def import_playback_key_pair(self, request: JsonObject) -> JsonObject:
        """Take the public half of a key that signs playback tokens."""
        material = requests.text(request, "publicKeyMaterial")
        try:
            key = load_public_key(material)
        except KeyRefusedError as error:
            raise ValidationError(f"The public key material is {error}") from error
        der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        fingerprint = hashlib.md5(der, usedforsecurity=False).hexdigest()
        fingerprint = ":".join(fingerprint[at : at + 2] for at in range(0, 32, 2))
        pairs = list(self._store.playback_key_pairs)
        if any(pair.fingerprint == fingerprint for pair in pairs):
            raise ConflictError("The key was imported before")
        if len(pairs) >= self._settings.max_playback_key_pairs:
            raise QuotaExceededError("The quota of playback key pairs is reached")
        pair = PlaybackKeyPair(
            arn=self._names.arn("playback-key"),
            name=requests.text(request, "name"),
            fingerprint=fingerprint,
            public_key_material=material,
            tags=requests.tags(request),
        )
        self._store.playback_key_pairs.put(pair)
        return {"keyPair": pair.answer()}

    def get_playback_key_pair(self, request: JsonObject) -> JsonObject:
        """Show a key pair."""
        return {"keyPair": self._find_pair(requests.text(request, "arn")).answer()}

    def list_playback_key_pairs(self, request: JsonObject) -> JsonObject:
        """Show a page of key pairs."""
        members = ("arn", "name", "tags")
        summaries = [
            requests.given(pair.answer(), members) for pair in self._store.playback_key_pairs
        ]
        return requests.page("keyPairs", summaries, request)

    def delete_playback_key_pair(self, request: JsonObject) -> JsonObject:
        """Delete a key pair; whoever plays already goes on playing."""
        pair = self._find_pair(requests.text(request, "arn"))
        self._store.playback_key_pairs.remove(pair.arn)
        return {}

    def create_playback_restriction_policy(self, request: JsonObject) -> JsonObject:
        """Make a policy."""
        shelf = self._store.playback_restriction_policies
        if len(shelf) >= self._settings.max_playback_restriction_policies:
            raise QuotaExceededError("The quota of playback restriction policies is reached")
        policy = PlaybackRestrictionPolicy(
            arn=self._names.arn("playback-restriction-policy"), tags=requests.tags(request)
        ).changed(requests.given(request, POLICY_MEMBERS))
        shelf.put(policy)
        return {"playbackRestrictionPolicy": policy.answer()}

    def get_playback_restriction_policy(self, request: JsonObject) -> JsonObject:
        """Show a policy."""
        policy = self._find_policy(requests.text(request, "arn"))
        return {"playbackRestrictionPolicy": policy.answer()}

    def list_playback_restriction_policies(self, request: JsonObject) -> JsonObject:
        """Show a page of policies."""
        policies = [policy.answer() for policy in self._store.playback_restriction_policies]
        return requests.page("playbackRestrictionPolicies", policies, request)

    def update_playback_restriction_policy(self, request: JsonObject) -> JsonObject:
        """Change a policy."""
        policy = self._find_policy(requests.text(request, "arn"))
        policy = policy.changed(requests.given(request, POLICY_MEMBERS))
        self._store.playback_restriction_policies.put(policy)
        return {"playbackRestrictionPolicy": policy.answer()}

    def delete_playback_restriction_policy(self, request: JsonObject) -> None:
        """Delete a policy that no channel uses."""
        policy = self._find_policy(requests.text(request, "arn"))
        used = {channel.playback_restriction_policy_arn for channel in self._store.channels}
        if policy.arn in used:
            raise ConflictError("The playback restriction policy is in use")
        self._store.playback_restriction_policies.remove(policy.arn)

    def start_viewer_session_revocation(self, request: JsonObject) -> JsonObject:
        """End the sessions of a viewer of a channel."""
        self._revoke(request)
        return {}

    def batch_start_viewer_session_revocation(self, request: JsonObject) -> JsonObject:
        """End the sessions of several viewers."""
        wanted = request["viewerSessions"]
        errors: list[JsonValue] = []
        for session in wanted if isinstance(wanted, list) else []:
            assert isinstance(session, dict)
            try:
                self._revoke(session)
            except NotFoundError as error:
                failed = requests.given(session, ("channelArn", "viewerId"))
                errors.append({**failed, "code": error.code, "message": str(error)})
        return {"errors": errors}

    def _revoke(self, request: JsonObject) -> None:
        channel_arn = requests.text(request, "channelArn")
        if self._store.channels.get(channel_arn) is None:
            raise NotFoundError("The channel does not exist")
        version = requests.integer(request, "viewerSessionVersionsLessThanOrEqualTo", 0)
        self._viewers.revoke(channel_arn, requests.text(request, "viewerId"), version)

    def _find_pair(self, arn: str) -> PlaybackKeyPair:
        pair = self._store.playback_key_pairs.get(arn)
        if pair is None:
            raise NotFoundError("The playback key pair does not exist")
        return pair

    def _find_policy(self, arn: str) -> PlaybackRestrictionPolicy:
        policy = self._store.playback_restriction_policies.get(arn)
        if policy is None:
            raise NotFoundError("The playback restriction policy does not exist")
        return policy
