"""The key that signs recordings' cookies, read from Secrets Manager when first needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

from ayinel_live.runtime.aws import aws_client
from ayinel_live.streams.recordings import CookieKey
from functions.streams_api.settings import StreamsApiSettings


def cookie_key(settings: StreamsApiSettings) -> Callable[[], CookieKey] | None:
    """Return what gives the key, or None where recordings are served unsigned.

    Args:
        settings: Names the secret; it holds JSON with `keyPairId` and `privateKey`.
    """
    arn = settings.recordings_secret_arn
    if not arn:
        return None

    @cache
    def read() -> CookieKey:
        text = aws_client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
        stored = json.loads(text)
        return CookieKey(stored["keyPairId"], stored["privateKey"])

    return read
