"""What is to be posted to one connection, and what became of a run of such jobs."""

from __future__ import annotations

from ayinel_live.fan_out.signer import Payload, path_part


class Job:
    """What one connection is to get: frames in order, then perhaps the end of the connection.

    Attributes:
        connection_id: The gateway's id.
        path: The id as it stands in paths.
        payloads: The frames.
        closes: Whether the connection is closed after them.
        position: How many of these steps are done; closing counts as the last step.
        attempts: Failures of the present step.
        steps: How many there are.
    """

    __slots__ = ("attempts", "closes", "connection_id", "path", "payloads", "position", "steps")

    def __init__(
        self, connection_id: str, payloads: tuple[Payload, ...], closes: bool = False
    ) -> None:
        self.connection_id = connection_id
        self.path = path_part(connection_id)
        self.payloads = payloads
        self.closes = closes
        self.position = 0
        self.attempts = 0
        self.steps = len(payloads) + closes

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.position >= self.steps


class Report:
    """What became of the jobs.

    Attributes:
        delivered: Requests that were answered with success, closings among them.
        retried: Requests that were sent again.
        throttled: Answers with 429.
        forbidden: Answers with 403; their jobs are left.
        gone: Connections that no longer exist (410).
        refused: Connections whose post was refused for good, with the status.
        left: Jobs that stand where they could not be brought further in time.
    """

    def __init__(self) -> None:
        self.delivered = 0
        self.retried = 0
        self.throttled = 0
        self.forbidden = 0
        self.gone: list[str] = []
        self.refused: list[tuple[str, int]] = []
        self.left: list[Job] = []
