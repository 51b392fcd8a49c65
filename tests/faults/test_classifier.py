"""Amazon Comprehend fails in every way; the local classifier judges in its place."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from ayinel_live.moderation.comprehend import ComprehendClassifier
from ayinel_live.moderation.local_classifier import LocalClassifier
from tests.benchmarks.moderation_quality import weights
from tests.faults.proxy import FaultProxy, Rule
from tests.support.stack import free_port

TEXTS = ("what a lovely goal that was", "you are a worthless idiot and everybody hates you")
# Two attempts of the worker's client with their time-outs, and the local classifier's verdict.
SECONDS = 10.0
FAULTS: dict[str, Rule] = {
    "throttle": {"error": {"code": "ThrottlingException", "status": 400}},
    "time-out": {"timeout_ms": 5_500},
    "reset": {"reset": True},
    "5xx": {"error": {"code": "InternalServerException", "status": 500}},
}


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultProxy]:
    """A proxy with nothing behind it: what it lets pass fails too."""
    folder: Path = tmp_path_factory.mktemp("proxy")
    running = FaultProxy(f"http://127.0.0.1:{free_port()}", folder / "proxy.log")
    running.start()
    yield running
    running.stop()


@pytest.mark.parametrize("kind", FAULTS)
def test_the_local_classifier_judges_while_comprehend_fails(proxy: FaultProxy, kind: str) -> None:
    proxy.forget()
    proxy.inject([{"service": "comprehend", **FAULTS[kind]}])
    client = boto3.client(
        "comprehend",
        endpoint_url=proxy.url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        # As `moderation_worker` makes it.
        config=Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2}),
    )
    local = LocalClassifier(weights())
    classifier = ComprehendClassifier(client, local)
    # Reads the weights, which is no part of what is timed.
    expected = local.score(TEXTS)
    begun = time.monotonic()
    assert classifier.score(TEXTS) == expected
    assert time.monotonic() - begun < SECONDS
    asked = proxy.fired()
    assert asked == 2
    classifier.score(TEXTS)
    assert proxy.fired() == asked, "a service that fails is left alone for a while"
    client.close()
