"""Posting over TLS: certificates are checked, large frames pass, kept wires are kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ayinel_live.fan_out import poster as poster_module
from tests.integration.fan_out.certificates import make_certificate, server_context
from tests.integration.fan_out.gateway import RESET, Gateway
from tests.integration.fan_out.test_poster import jobs_for, poster_for


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    yield gateway
    await gateway.stop()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poster_module, "_UNREACHABLE_SECONDS", 0.2)


async def test_frames_pass_and_wires_are_kept(gateway: Gateway, tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path)
    url = await gateway.start(server_context(certificate, key))
    poster = poster_for(url, max_wires=4, ca_bundle=str(certificate))
    for _ in range(3):
        report = await poster.post(jobs_for(50, b"one", b"two"), 10)
        assert report.delivered == 100
    assert gateway.accepted <= 4
    await poster.close()


async def test_frames_of_the_largest_size_pass_whole(gateway: Gateway, tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path)
    url = await gateway.start(server_context(certificate, key))
    poster = poster_for(url, max_wires=8, ca_bundle=str(certificate))
    frame = bytes(range(256)) * 128
    report = await poster.post(jobs_for(40, frame, frame), 20)
    assert report.delivered == 80
    assert all(bodies == [frame, frame] for bodies in gateway.received.values())
    await poster.close()


async def test_a_reset_inside_tls_is_retried(gateway: Gateway, tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path)
    url = await gateway.start(server_context(certificate, key))
    gateway.faults["c3="].extend([RESET, RESET])
    poster = poster_for(url, ca_bundle=str(certificate))
    report = await poster.post(jobs_for(10, b"one"), 10)
    assert (report.delivered, len(gateway.received)) == (10, 10)
    await poster.close()


@pytest.mark.parametrize(
    ("name", "days", "is_trusted"),
    [("localhost", 1, False), ("elsewhere.example", 1, True), ("localhost", -1, True)],
    ids=["unknown authority", "another name", "expired"],
)
async def test_nothing_is_posted_to_a_server_that_cannot_prove_who_it_is(
    gateway: Gateway, tmp_path: Path, name: str, days: int, is_trusted: bool
) -> None:
    certificate, key = make_certificate(tmp_path, name, days)
    url = await gateway.start(server_context(certificate, key))
    poster = poster_for(url, ca_bundle=str(certificate) if is_trusted else "")
    report = await poster.post(jobs_for(3, b"secret"), 3)
    assert len(report.left) == 3
    assert gateway.requests == 0
    await poster.close()
