"""The key that signs recordings' addresses, read from Secrets Manager when first needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ayinel_live.runtime.aws import aws_client
from ayinel_live.streams.recording_keys import RecordingKeySecret
from ayinel_live.streams.signed_addresses import AddressKey
from functions.streams_api.settings import StreamsApiSettings


def recording_key(settings: StreamsApiSettings) -> Callable[[], AddressKey | None] | None:
    """Return what gives the key, or None where recordings are served unsigned.

    Args:
        settings: Names the secret.
    """
    if not settings.recordings_secret_arn:
        return None
    secret = RecordingKeySecret(
        partial(aws_client, "secretsmanager"), settings.recordings_secret_arn
    )

    def read() -> AddressKey | None:
        key = secret.remembered().current
        return AddressKey(key.key_pair_id, key.private_key) if key is not None else None

    return read
