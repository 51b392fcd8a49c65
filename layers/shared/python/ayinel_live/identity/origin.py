"""The secret that CloudFront shows with each request, so that nobody goes past it."""

from __future__ import annotations

from collections.abc import Callable

from ayinel_live.identity.signatures import RotatingSecrets


def origin_secrets(secret_arn: str) -> Callable[[], tuple[str, ...]] | None:
    """Return what gives the secrets of which a request must show one, as `HttpApi` takes it.

    Args:
        secret_arn: The secret; "" where CloudFront does not stand before the function.
    """
    if not secret_arn:
        return None
    secrets = RotatingSecrets(secret_arn)
    return lambda: tuple(secret.decode() for secret in secrets.current())
