"""The poster against a real server that fails in every way that `@connections` can."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator

import pytest

from ayinel_live.fan_out import poster as poster_module
from ayinel_live.fan_out.endpoint import Dialer, Endpoint
from ayinel_live.fan_out.jobs import Job
from ayinel_live.fan_out.poster import Poster
from ayinel_live.fan_out.signer import Credentials, Payload, PostSigner
from tests.integration.fan_out.gateway import CLOSE_AFTER, HANG, RESET, Gateway

CREDENTIALS = Credentials("AKID", "SECRET", "TOKEN")


def poster_for(url: str, pace: float = 0, max_wires: int = 16, ca_bundle: str = "") -> Poster:
    endpoint = Endpoint.of(url)
    signer = PostSigner(CREDENTIALS, "us-east-1", endpoint.host_header, endpoint.path)
    return Poster(Dialer(endpoint, ca_bundle), signer, pace, max_wires)


def jobs_for(count: int, *frames: bytes, closes: bool = False) -> list[Job]:
    payloads = tuple(Payload.of(frame) for frame in frames)
    return [Job(f"c{number}=", payloads, closes) for number in range(count)]


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    yield gateway
    await gateway.stop()


@pytest.fixture
async def poster(gateway: Gateway) -> AsyncIterator[Poster]:
    poster = poster_for(await gateway.start())
    yield poster
    await poster.close()


async def test_every_connection_gets_every_frame_in_order(gateway: Gateway, poster: Poster) -> None:
    report = await poster.post(jobs_for(100, b"one", b"two", b"three"), 5)
    assert report.delivered == 300
    assert not report.left
    assert len(gateway.received) == 100
    assert set(map(tuple, gateway.received.values())) == {(b"one", b"two", b"three")}


async def test_wires_are_kept_between_calls(gateway: Gateway) -> None:
    poster = poster_for(await gateway.start(), max_wires=4)
    for _ in range(5):
        report = await poster.post(jobs_for(40, b"one"), 5)
        assert report.delivered == 40
    assert gateway.accepted <= 4
    await poster.close()


async def test_closing_comes_after_the_frames(gateway: Gateway, poster: Poster) -> None:
    await poster.post(jobs_for(3, b"you are banned", closes=True), 5)
    assert sorted(gateway.closed) == ["c0=", "c1=", "c2="]
    assert gateway.received["c1="] == [b"you are banned"]


async def test_a_gone_connection_is_told_and_disturbs_no_other(
    gateway: Gateway, poster: Poster
) -> None:
    gateway.faults["c7="].append(410)
    report = await poster.post(jobs_for(20, b"one", b"two"), 5)
    assert report.gone == ["c7="]
    assert report.delivered == 38
    assert gateway.received["c7="] == []


@pytest.mark.parametrize("fault", [429, 500, 503, 504, RESET, CLOSE_AFTER + 500])
async def test_a_fault_that_passes_is_retried_for_that_connection_alone(
    gateway: Gateway, poster: Poster, fault: int
) -> None:
    gateway.faults["c3="].extend([fault, fault])
    report = await poster.post(jobs_for(10, b"one"), 5)
    assert report.retried >= 2
    assert not report.left
    assert all(bodies == [b"one"] for bodies in gateway.received.values())
    assert len(gateway.received) == 10


async def test_a_server_that_closes_after_each_answer_is_served(
    gateway: Gateway, poster: Poster
) -> None:
    gateway.judge = lambda _: CLOSE_AFTER
    report = await poster.post(jobs_for(50, b"one"), 5)
    assert report.delivered == 50


async def test_kept_wires_that_died_meanwhile_cost_no_frame(
    gateway: Gateway, poster: Poster
) -> None:
    await poster.post(jobs_for(30, b"one"), 5)
    gateway.drop_all()
    report = await poster.post(jobs_for(30, b"two"), 5)
    assert report.delivered == 30
    assert set(map(tuple, gateway.received.values())) == {(b"one", b"two")}


async def test_a_connection_that_never_takes_a_frame_is_left_with_what_it_has_not_got(
    gateway: Gateway, poster: Poster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poster_module, "_RETRY_BASE_SECONDS", 0.01)
    gateway.faults["c2="].extend([200, *[503] * 50])
    report = await poster.post(jobs_for(5, b"one", b"two"), 5)
    assert [(job.connection_id, job.position) for job in report.left] == [("c2=", 1)]
    assert report.delivered == 9


async def test_a_refusal_for_good_is_not_retried(gateway: Gateway, poster: Poster) -> None:
    gateway.faults["c0="].append(413)
    report = await poster.post(jobs_for(2, b"one"), 5)
    assert report.refused == [("c0=", 413)]
    assert report.retried == 0


async def test_what_this_worker_may_not_post_is_left_for_another_and_not_retried_here(
    gateway: Gateway, poster: Poster
) -> None:
    gateway.faults["c0="].extend([200, 403])
    report = await poster.post(jobs_for(2, b"one", b"two"), 5)
    assert [(job.connection_id, job.position) for job in report.left] == [("c0=", 1)]
    assert (report.forbidden, report.retried, report.refused) == (1, 0, [])
    assert gateway.received == {"c0=": [b"one"], "c1=": [b"one", b"two"]}


async def test_what_hangs_is_left_at_the_deadline(gateway: Gateway, poster: Poster) -> None:
    gateway.faults["c1="].append(HANG)
    began = time.monotonic()
    report = await poster.post(jobs_for(4, b"one"), 0.3)
    assert [job.connection_id for job in report.left] == ["c1="]
    assert report.delivered == 3
    assert time.monotonic() - began < 3


async def test_after_the_deadline_no_next_frame_is_begun(gateway: Gateway, poster: Poster) -> None:
    gateway.answer_seconds = 0.3
    report = await poster.post(jobs_for(1, *[b"frame"] * 20), 0.4)
    (job,) = report.left
    assert job.position == report.delivered == gateway.requests
    assert gateway.received["c0="] == [b"frame"] * report.delivered


async def test_an_answer_that_does_not_come_is_given_up_and_asked_again(
    gateway: Gateway, poster: Poster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poster_module, "_ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(poster_module, "_SWEEP_SECONDS", 0.05)
    gateway.faults["c1="].append(HANG)
    report = await poster.post(jobs_for(4, b"one"), 5)
    assert report.delivered == 4


async def test_throttling_is_tried_until_the_time_is_up(gateway: Gateway, poster: Poster) -> None:
    gateway.judge = lambda _: 429
    report = await poster.post(jobs_for(3, b"one"), 1.0)
    assert len(report.left) == 3
    assert report.throttled >= 3


async def test_nobody_listening_leaves_everything_without_waiting_for_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(poster_module, "_UNREACHABLE_SECONDS", 0.2)
    gateway = Gateway()
    url = await gateway.start()
    await gateway.stop()
    began = time.monotonic()
    report = await poster_for(url).post(jobs_for(10, b"one"), 30)
    assert len(report.left) == 10
    assert time.monotonic() - began < 10


async def test_the_pace_is_kept(gateway: Gateway) -> None:
    poster = poster_for(await gateway.start(), pace=100)
    began = time.monotonic()
    report = await poster.post(jobs_for(60, b"one"), 10)
    took = time.monotonic() - began
    assert report.delivered == 60
    # 60 posts at 100/s less the burst of 5 that a rested bucket holds.
    assert took >= 0.5
    await poster.close()


async def test_a_quota_is_met_with_yielding_and_nothing_is_lost(gateway: Gateway) -> None:
    tokens = {"left": 20.0, "at": time.monotonic()}

    def quota(_: str) -> int:
        now = time.monotonic()
        tokens["left"] = min(20.0, tokens["left"] + (now - tokens["at"]) * 200)
        tokens["at"] = now
        if tokens["left"] < 1:
            return 429
        tokens["left"] -= 1
        return 0

    gateway.judge = quota
    poster = poster_for(await gateway.start(), pace=600)
    report = await poster.post(jobs_for(400, b"one"), 20)
    assert report.delivered == 400
    assert report.throttled > 0
    counts: defaultdict[int, int] = defaultdict(int)
    for bodies in gateway.received.values():
        counts[len(bodies)] += 1
    assert counts == {1: 400}
    await poster.close()


async def test_cancelling_leaves_nothing_running(gateway: Gateway, poster: Poster) -> None:
    gateway.judge = lambda _: 429
    task = asyncio.create_task(poster.post(jobs_for(5, b"one"), 30))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gateway.judge = None
    report = await poster.post(jobs_for(5, b"two"), 5)
    assert report.delivered == 5


async def test_what_was_in_flight_when_it_was_cancelled_is_no_part_of_the_next_run(
    gateway: Gateway, poster: Poster
) -> None:
    gateway.faults["c0="].append(HANG)
    task = asyncio.create_task(poster.post(jobs_for(1, b"one"), 30))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gateway.answer_seconds = 0.5  # longer than the pause before a retry
    report = await poster.post([Job("c1=", (Payload.of(b"two"),))], 5)
    assert (report.delivered, report.retried) == (1, 0)
    assert gateway.requests == 2
