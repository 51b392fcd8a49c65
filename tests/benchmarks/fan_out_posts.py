"""What a post to `@connections` costs: against a boto3 loop, and against wrk's limit.

Client and server are pinned to a core each. All clients take turns in each round, and a ratio is
the median over the rounds, so that noise of the machine falls on none of them alone.
"""

from __future__ import annotations

import asyncio
import gc
import os
import re
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import boto3

from ayinel_live.fan_out.endpoint import Dialer, Endpoint
from ayinel_live.fan_out.jobs import Job
from ayinel_live.fan_out.poster import Poster
from ayinel_live.fan_out.signer import Credentials, Payload, PostSigner
from tests.benchmarks.harness import Figure, figure, skipped
from tests.benchmarks.support.servers import Server, cores, fast_server

BODY = b"x" * 344
# As long as the session tokens that Lambda gives.
CREDENTIALS = Credentials("AKIDEXAMPLE", "secret", "T" * 1000)
# Many short rounds: what else the machine does falls on all clients, and the median drops the rest.
ROUNDS = 15
POSTS = 5_000
PEER_POSTS = 150
_UNIT = "us CPU/post"
WIRES = 64
DELAY_SECONDS = 0.010
DELAY_ROUNDS = 7

_WRK = """
wrk.method = "POST"
wrk.body = string.rep("x", 344)
wrk.headers["X-Amz-Date"] = "20260102T000000Z"
wrk.headers["X-Amz-Security-Token"] = string.rep("T", 1000)
wrk.headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/" ..
  "execute-api/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=" ..
  string.rep("0", 64)
"""


class Client:
    """Our poster on a loop of its own, with its wires open."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop, wires: int) -> None:
        endpoint = Endpoint.of(server.url)
        signer = PostSigner(CREDENTIALS, "us-east-1", endpoint.host_header, endpoint.path)
        self.loop = loop
        self.poster = Poster(Dialer(endpoint, server.certificate), signer, 0, wires)
        self.payload = Payload.of(BODY)

    def post(self, count: int) -> None:
        """Post to so many connections."""
        jobs = [Job(f"L0SM9cOF{number:07}=", (self.payload,)) for number in range(count)]
        report = self.loop.run_until_complete(self.poster.post(jobs, 120))
        assert report.delivered == count, "the stub did not take all posts"

    def close(self) -> None:
        """Let go of wires and loop."""
        self.loop.run_until_complete(self.poster.close())
        self.loop.close()


def boto3_loop(server: Server) -> Callable[[int], None]:
    """Return the peer: one client, one post after the other."""
    client: Any = boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=server.url,
        verify=server.certificate,
        region_name="us-east-1",
        aws_access_key_id=CREDENTIALS.access_key_id,
        aws_secret_access_key=CREDENTIALS.secret_access_key,
        aws_session_token=CREDENTIALS.session_token,
    )

    def post(count: int) -> None:
        for number in range(count):
            client.post_to_connection(ConnectionId=f"L0SM9cOF{number:07}=", Data=BODY)

    return post


def processor_seconds(post: Callable[[int], None], count: int) -> float:
    """Return the processor time of a post."""
    begin = time.process_time()
    post(count)
    return (time.process_time() - begin) / count


def wall_seconds(post: Callable[[int], None], count: int) -> float:
    """Return the time of a post as the clock on the wall has it."""
    begin = time.monotonic()
    post(count)
    return (time.monotonic() - begin) / count


def wrk_seconds(server: Server, folder: Path) -> float:
    """Return the processor time that wrk takes for a post."""
    script = folder / "post.lua"
    script.write_text(_WRK)
    url = f"{server.url}/@connections/L0SM9cOF0000001%3D"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["wrk", "-t1", f"-c{WIRES}", "-d1s", "-s", str(script), url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = re.search(r"(\d+) requests in", done.stdout)
    assert found is not None, done.stdout
    assert "Non-2xx" not in done.stdout, done.stdout
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent / int(found[1])


def cost(folder: Path) -> list[Figure]:
    """Processor time of a post against a server that answers at once."""
    with fast_server(folder) as server:
        loops: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
            "standard library": asyncio.new_event_loop
        }
        try:
            import uvloop
        except ImportError:
            missing = [skipped("fan-out post, uvloop", "uvloop is not installed")]
        else:
            missing = []
            loops["uvloop"] = uvloop.new_event_loop
        clients = {name: Client(server, make(), WIRES) for name, make in loops.items()}
        peer = boto3_loop(server)
        peer(20)
        for client in clients.values():
            client.post(1000)
        gc.freeze()  # as the post worker does
        costs: dict[str, list[float]] = {name: [] for name in (*clients, "boto3", "wrk")}
        for _ in range(ROUNDS):
            costs["boto3"].append(processor_seconds(peer, PEER_POSTS))
            for name, client in clients.items():
                costs[name].append(processor_seconds(client.post, POSTS))
            if shutil.which("wrk"):
                costs["wrk"].append(wrk_seconds(server, folder))
        for client in clients.values():
            client.close()
    return [*_cost_figures(costs, tuple(clients), server), *missing]


def ratio(costs: dict[str, list[float]], peer: str, name: str) -> float:
    """Return the median over the rounds of how many times the peer's cost ours is."""
    return median(theirs / ours for theirs, ours in zip(costs[peer], costs[name], strict=True))


def _cost_figures(
    costs: dict[str, list[float]], names: tuple[str, ...], server: Server
) -> list[Figure]:
    figures = [figure(f"boto3 loop post ({server.kind})", median(costs["boto3"]) * 1e6, _UNIT)]
    for name in names:
        goal = 30 if name == "standard library" else 40
        title = f"fan-out post, {name} ({server.kind})"
        value = median(costs[name]) * 1e6
        times = ratio(costs, "boto3", name)
        figures.append(figure(title, value, _UNIT, "boto3 loop", times, f">= {goal}"))
        if costs["wrk"]:
            share = ratio(costs, "wrk", name)
            figures.append(figure(title, value, _UNIT, "wrk", share, ">= 0.4"))
    if not costs["wrk"]:
        figures.append(skipped("fan-out post against wrk", "wrk is not installed"))
    return [*figures, *_stand_in("fan-out post against nginx", server)]


def _stand_in(name: str, server: Server) -> list[Figure]:
    """Return a line that says so where the slower stub stood in for nginx."""
    return [skipped(name, f"{server.lacks}, so the stub answered")] if server.lacks else []


def throughput(folder: Path) -> list[Figure]:
    """Posts a second against a server that answers after 10 ms."""
    with fast_server(folder, delay_seconds=DELAY_SECONDS) as server:
        loop = asyncio.new_event_loop()
        client = Client(server, loop, wires=256)
        peer = boto3_loop(server)
        peer(5)
        client.post(2000)
        theirs, ours = [], []
        for _ in range(DELAY_ROUNDS):
            theirs.append(wall_seconds(peer, 60))
            ours.append(wall_seconds(client.post, 20_000))
        client.close()
    title = f"against a 10 ms stub ({server.kind})"
    times = ratio({"ours": ours, "theirs": theirs}, "theirs", "ours")
    rate = 1 / median(ours)
    return [
        figure(f"boto3 loop {title}", 1 / median(theirs), "posts/s"),
        figure(f"fan-out {title}, 256 wires", rate, "posts/s", "boto3 loop", times, ">= 150"),
        *_stand_in("fan-out against a 10 ms nginx", server),
    ]


def measure() -> list[Figure]:
    """Cost and throughput of posts."""
    os.sched_setaffinity(0, {cores()[0]})
    with tempfile.TemporaryDirectory() as folder:
        return [*cost(Path(folder)), *throughput(Path(folder))]
