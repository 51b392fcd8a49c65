"""A socket on which nothing is sent costs nothing.

Upstream (services/apigateway.py, `handle_websocket`) wakes each socket's sender twice a second to
look whether the socket was closed, through a task and a timer that every message starts anew: five
hundred silent viewers keep a tenth of a core busy.
"""

import asyncio
from collections.abc import Awaitable
from contextvars import ContextVar
from typing import Any

from ministack.services import apigateway

_Outbox = asyncio.Queue[str | None]
_outbox: ContextVar[_Outbox] = ContextVar("outbox")


class _Closing(asyncio.Event):
    """Tells the sender of the same socket too."""

    def __init__(self) -> None:
        super().__init__()
        self._outbox = _outbox.get()

    def set(self) -> None:
        super().set()
        self._outbox.put_nowait(None)


class _Asyncio:
    """Stands where upstream's module expects asyncio."""

    Event = _Closing

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    @staticmethod
    def Queue() -> _Outbox:  # noqa: N802  asyncio's name
        outbox: _Outbox = asyncio.Queue()
        _outbox.set(outbox)
        return outbox

    @staticmethod
    async def wait_for(awaitable: Awaitable[Any], timeout: float) -> Any:  # noqa: ASYNC109
        """Wait as long as it takes: the end is in the outbox too."""
        return await awaitable


def apply() -> None:
    """Let the end of a socket come to its sender like a message."""
    apigateway.asyncio = _Asyncio()
