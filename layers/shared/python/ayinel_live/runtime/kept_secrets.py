"""A secret of Secrets Manager, kept in memory for a while.

What was read stays good while the service is out of reach: a key that signed a minute ago signs
now. While the secret is empty it is asked for each time, so that a first key works at once.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

from ayinel_live.runtime.errors import UpstreamError

CACHE_SECONDS = 300.0
_RETRY_AFTER_SECONDS = 2.0

ContentT = TypeVar("ContentT")


class KeptSecret(ABC, Generic[ContentT]):
    """A secret whose text means something.

    Args:
        client: Gives a botocore `secretsmanager` client, asked when it is first needed.
        secret_arn: The secret.
        monotonic: Seconds that only grow.
    """

    # What is said where the secret cannot be read or written.
    refusal: ClassVar[str]

    def __init__(
        self,
        client: Callable[[], Any],
        secret_arn: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._secret_arn = secret_arn
        self._monotonic = monotonic
        self._kept: ContentT | None = None
        self._read_at = 0.0

    @abstractmethod
    def parse(self, text: str) -> ContentT:
        """Return what the text means; an empty content for a text that is none of ours."""

    @abstractmethod
    def render(self, content: ContentT) -> str:
        """Return the text of a content."""

    @abstractmethod
    def is_filled(self, content: ContentT) -> bool:
        """Whether the content is worth keeping."""

    def remembered(self) -> ContentT:
        """Return the content, from memory while it is fresh.

        Raises:
            UpstreamError: It was never read and cannot be.
        """
        kept = self._kept
        if kept is not None and self._monotonic() - self._read_at < CACHE_SECONDS:
            return kept
        try:
            content = self.read()
        except UpstreamError:
            if kept is None:
                raise
            content = kept
        self._keep(content)
        return content

    def read(self) -> ContentT:
        """Return the content as the secret holds it now; an empty one where it was never filled.

        Raises:
            UpstreamError: Secrets Manager did not answer.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            text = self._client().get_secret_value(SecretId=self._secret_arn)["SecretString"]
        except ClientError as error:
            # As CloudFormation makes it, a secret has no value before its first.
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise self._unreachable() from None
            text = ""
        except BotoCoreError:
            raise self._unreachable() from None
        return self.parse(text)

    def write(self, content: ContentT) -> None:
        """Replace the content."""
        text = self.render(content)
        self._client().put_secret_value(SecretId=self._secret_arn, SecretString=text)
        self._keep(content)

    def _keep(self, content: ContentT) -> None:
        self._kept = content if self.is_filled(content) else None
        self._read_at = self._monotonic()

    def _unreachable(self) -> UpstreamError:
        return UpstreamError(self.refusal, retry_after_seconds=_RETRY_AFTER_SECONDS)
