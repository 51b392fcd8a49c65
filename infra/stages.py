"""The stages: every capacity number and every difference between them, once.

A stage is a kind of deployment (`local`, `dev`, `prod`); an environment is one deployment of it,
so that several can stand side by side in one account (`-c environment=alice`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

# API Gateway's quota of requests a second for an account and region: HTTP, REST, WebSocket and
# posts to connections together.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
ACCOUNT_REQUESTS_PER_SECOND = 10_000
# Posts take this part of a stage's share; the rest is for what viewers send.
POSTS_PART = 0.8
# The smallest `MaximumConcurrency` that Lambda takes for a queue.
LEAST_QUEUE_CONCURRENCY = 2


@dataclass(frozen=True, slots=True)
class Gateway:
    """What a stage may take of the account's API Gateway quota.

    Attributes:
        account_share: The stage's part of `ACCOUNT_REQUESTS_PER_SECOND`, 0 to 1.
        post_workers: How many post workers may run at once.
        requests_per_second: Throttle of any route of the HTTP API that names none itself.
        burst: Its burst.
        frames_per_second: Throttle of the WebSocket API, all routes together.
        frames_burst: Its burst.
    """

    account_share: float
    post_workers: int
    requests_per_second: int
    burst: int
    frames_per_second: int
    frames_burst: int

    def __post_init__(self) -> None:
        """Refuse numbers that the account cannot bear.

        Raises:
            ValueError: The numbers contradict each other or a limit of AWS.
        """
        if not 0 < self.account_share <= 1:
            raise ValueError("account_share must be above 0 and at most 1")
        if self.post_workers < LEAST_QUEUE_CONCURRENCY:
            raise ValueError(f"post_workers must be at least {LEAST_QUEUE_CONCURRENCY}")

    @property
    def posts_per_second(self) -> int:
        """What one post worker may post, so that all together stay within the share."""
        posts = ACCOUNT_REQUESTS_PER_SECOND * self.account_share * POSTS_PART
        return floor(posts / self.post_workers)


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of deployment.

    Attributes:
        name: `local`, `dev` or `prod`.
        gateway: Its share of the account's API Gateway.
        is_local: Whether it runs on one machine, in the emulator.
        is_protected: Whether what it stores is kept when a stack goes, with point-in-time recovery.
        log_retention_days: How long logs are kept; one of CloudWatch's values.
        is_traced: Whether functions send X-Ray traces.
        has_firewall: Whether WAF stands before CloudFront.
        is_gradual: Whether a new version of a function takes over by and by, and goes back by
            itself when its alarms go off.
        classifier: Which classifier moderates: `local` or `comprehend`.
        ingest_scheme: `rtmps`, or `rtmp` where the ingest has no certificate.
        moderation_workers: How many moderation workers may run at once.
        history_settling_seconds: How long after a stream's end its history is written, so that
            late counts are in it; SQS delays 900 s at most.
        recording_retention_days: How long recordings are kept from a broadcast's start; 0 keeps
            them until they are deleted.
    """

    name: str
    gateway: Gateway
    is_local: bool = False
    is_protected: bool = False
    log_retention_days: int = 7
    is_traced: bool = True
    has_firewall: bool = False
    is_gradual: bool = False
    classifier: str = "local"
    ingest_scheme: str = "rtmps"
    moderation_workers: int = 10
    history_settling_seconds: int = 120
    recording_retention_days: int = 30


LOCAL = Stage(
    name="local",
    gateway=Gateway(
        # There is no quota on one machine; its two cores are the limit.
        account_share=1.0,
        post_workers=2,
        requests_per_second=2_000,
        burst=2_000,
        frames_per_second=2_000,
        frames_burst=2_000,
    ),
    is_local=True,
    is_traced=False,
    ingest_scheme="rtmp",
    # More would take turns on the same cores; while they are busy, messages gather to a batch.
    moderation_workers=2,
    history_settling_seconds=5,
    recording_retention_days=0,
)
DEV = Stage(
    name="dev",
    gateway=Gateway(
        account_share=0.1,
        post_workers=2,
        requests_per_second=100,
        burst=100,
        frames_per_second=100,
        frames_burst=100,
    ),
    moderation_workers=2,
)
PROD = Stage(
    name="prod",
    gateway=Gateway(
        account_share=0.8,
        post_workers=16,
        requests_per_second=1_000,
        burst=1_000,
        frames_per_second=1_000,
        frames_burst=1_000,
    ),
    is_protected=True,
    log_retention_days=90,
    has_firewall=True,
    is_gradual=True,
    moderation_workers=50,
    recording_retention_days=365,
)
STAGES = {stage.name: stage for stage in (LOCAL, DEV, PROD)}
