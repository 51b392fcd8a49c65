"""What the post worker costs to start, against `import boto3` and one client."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.benchmarks.harness import Figure, figure

ROUNDS = 10
ENVIRONMENT = {
    "STAGE": "prod",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "AKID",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "T" * 1000,
    "CONNECTIONS_TABLE": "Connections",
    "CONNECTIONS_ENDPOINT_URL": "https://abc123.execute-api.us-east-1.amazonaws.com/chat",
    "POSTS_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/1/posts.fifo",
    "DEPARTURES_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/1/departures",
    "POSTS_PER_SECOND": "400",
    "POWERTOOLS_SERVICE_NAME": "post_worker",
}
PEER = (
    "import boto3; boto3.client('apigatewaymanagementapi',"
    " endpoint_url='https://abc123.execute-api.us-east-1.amazonaws.com/chat')"
)
# As it is deployed: the bundle holds no uvloop.
POST_WORKER = "import sys; sys.modules['uvloop'] = None; import functions.post_worker.handler"


def start_seconds(statement: str) -> float:
    """Return the processor time of a statement in a fresh interpreter."""
    program = (
        f"import time; begin = time.process_time()\n{statement}\nprint(time.process_time() - begin)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **ENVIRONMENT},
    )
    return float(done.stdout.split()[-1])


def measure() -> list[Figure]:
    """Cost of a cold start."""
    ours = peer = float("inf")
    for _ in range(ROUNDS):
        peer = min(peer, start_seconds(PEER))
        ours = min(ours, start_seconds(POST_WORKER))
    return [
        figure("import boto3 and one client", peer * 1e3, "ms CPU"),
        # The other way round: what part of the peer's cost it is.
        figure(
            "cold start of post_worker",
            ours * 1e3,
            "ms CPU",
            "import boto3 and one client",
            ours / peer,
            "<= 0.45",
        ),
    ]
