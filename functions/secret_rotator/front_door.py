"""The header that CloudFront adds to each request, brought up to its secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from ayinel_live.identity.rotation import SharedSecret
from ayinel_live.identity.signatures import SECRET_LIFE_SECONDS
from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.http import ORIGIN_SECRET_HEADER

# By then no function remembers the secret without its new value.
KNOWN_AFTER = timedelta(seconds=2 * SECRET_LIFE_SECONDS)


class FrontDoor:
    """A CloudFront distribution.

    Args:
        client: Gives a botocore `cloudfront` client.
        distribution_id: The distribution.
        clock: Tells how long functions have had to learn of a new value.
    """

    def __init__(
        self, client: Callable[[], Any], distribution_id: str, clock: Clock = utc_now
    ) -> None:
        self._client = client
        self._distribution_id = distribution_id
        self._clock = clock

    def show(self, secret: SharedSecret) -> bool:
        """Have each request carry the current value, once every function knows it.

        Args:
            secret: The secret.

        Returns:
            Whether anything had to be changed.
        """
        if self._clock() - secret.rotated_at < KNOWN_AFTER:
            return False
        answer = self._client().get_distribution_config(Id=self._distribution_id)
        config = answer["DistributionConfig"]
        outdated = [h for h in _headers(config) if h["HeaderValue"] != secret.current]
        if not outdated:
            return False
        for header in outdated:
            header["HeaderValue"] = secret.current
        self._client().update_distribution(
            Id=self._distribution_id, IfMatch=answer["ETag"], DistributionConfig=config
        )
        return True


def _headers(config: dict[str, Any]) -> Iterator[dict[str, str]]:
    for origin in config["Origins"]["Items"]:
        for header in origin.get("CustomHeaders", {}).get("Items", []):
            if header["HeaderName"].lower() == ORIGIN_SECRET_HEADER:
                yield header
