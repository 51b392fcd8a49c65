"""A wire against a peer that does not keep to the order of question and answer."""

from __future__ import annotations

import asyncio
import socket

from ayinel_live.fan_out.responses import Response
from ayinel_live.fan_out.wire import Wire

ANSWER = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"


class Owner:
    """Keeps what a wire tells."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.lost: list[bool] = []

    def wire_opened(self, wire: Wire) -> None:
        pass

    def wire_answered(self, wire: Wire, response: Response) -> None:
        self.statuses.append(response.status)

    def wire_lost(self, wire: Wire, in_flight: bool) -> None:
        self.lost.append(in_flight)


async def test_an_answer_before_the_request_is_out_ends_the_wire_at_the_next_request() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        ours.setblocking(False)
        owner = Owner()
        wire = Wire(owner, ours, asyncio.get_running_loop())
        wire.ask(b"x" * 10_000_000)
        theirs.send(ANSWER)
        await asyncio.sleep(0.01)
        assert owner.statuses == [413]
        wire.ask(b"POST / HTTP/1.1\r\n\r\n")
        await asyncio.sleep(0.01)
        assert owner.lost == [True]
        theirs.setblocking(True)
        came = bytearray()
        while piece := theirs.recv(1 << 20):
            came += piece
        assert set(came) == {ord("x")}


async def test_bytes_that_nobody_asked_for_end_the_wire() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        ours.setblocking(False)
        owner = Owner()
        Wire(owner, ours, asyncio.get_running_loop())
        theirs.send(ANSWER)
        await asyncio.sleep(0.01)
        assert (owner.statuses, owner.lost) == ([], [False])
