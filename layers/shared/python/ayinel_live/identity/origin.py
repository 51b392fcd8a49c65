"""The secret that CloudFront shows with each request, so that nobody goes past it."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping

from ayinel_live.identity.signatures import RotatingSecrets
from ayinel_live.runtime.http import ORIGIN_SECRET_HEADER


def origin_secrets(secret_arn: str) -> Callable[[], tuple[str, ...]] | None:
    """Return what gives the secrets of which a request must show one, as `HttpApi` takes it.

    Args:
        secret_arn: The secret; "" where CloudFront does not stand before the function.
    """
    if not secret_arn:
        return None
    secrets = RotatingSecrets(secret_arn)
    return lambda: tuple(secret.decode() for secret in secrets.current())


def came_through_the_door(
    headers: Mapping[str, str] | None, secrets: Callable[[], tuple[str, ...]] | None
) -> bool:
    """Say whether a request shows a secret that CloudFront shows, where one is asked for.

    Args:
        headers: The request's, names in any case; API Gateway gives None for no headers.
        secrets: What `origin_secrets` returned.
    """
    if secrets is None:
        return True
    shown = next(
        (v for name, v in (headers or {}).items() if name.lower() == ORIGIN_SECRET_HEADER), ""
    ).encode()
    return any(hmac.compare_digest(shown, secret.encode()) for secret in secrets())
