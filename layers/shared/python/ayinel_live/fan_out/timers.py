"""Named timers of a loop: each is armed once at a time, and all of them end together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Timers:
    """Timers by name."""

    def __init__(self) -> None:
        self._armed: dict[str, asyncio.TimerHandle] = {}

    def after(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        """Arm a timer unless it is armed.

        Args:
            name: The timer.
            seconds: From now.
            act: What happens then.
        """
        if name not in self._armed:
            loop = asyncio.get_running_loop()
            self._armed[name] = loop.call_later(seconds, self._fire, name, act)

    def cancel(self) -> None:
        """Disarm all."""
        for timer in self._armed.values():
            timer.cancel()
        self._armed.clear()

    def _fire(self, name: str, act: Callable[[], None]) -> None:
        self._armed.pop(name, None)
        act()
