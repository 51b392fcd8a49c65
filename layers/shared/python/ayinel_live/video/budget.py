"""How long a request may keep trying: one budget for all calls to the provider within it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable


class RequestBudget:
    """The time that one request has for the provider's refusals to pass.

    A function works on one request at a time, so that one object, restarted at each, will do.

    Args:
        seconds: The time from `restart` on.
        monotonic: Seconds that only grow.
        sleep: Waits.
        jitter: Draws between two numbers.
    """

    FIRST_PAUSE_SECONDS = 0.15
    MAX_PAUSE_SECONDS = 1.5

    def __init__(
        self,
        seconds: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._sleep = sleep
        self._jitter = jitter
        self._pause = self.FIRST_PAUSE_SECONDS
        self._deadline = monotonic() + seconds

    def restart(self, *, seconds: float | None = None) -> None:
        """Begin a request.

        Args:
            seconds: A time of its own; 0 tries once.
        """
        allowed = self._seconds if seconds is None else seconds
        self._deadline = self._monotonic() + allowed
        self._pause = self.FIRST_PAUSE_SECONDS

    def wait(self) -> bool:
        """Wait before another try; False, at once, where the time would not suffice.

        Pauses grow with every refusal within the request, whichever call it was, and are drawn
        between bounds so that callers who were refused together do not come back together
        ("decorrelated jitter", AWS Architecture Blog, Exponential Backoff And Jitter).
        """
        pause = self._jitter(self.FIRST_PAUSE_SECONDS, self._pause * 3)
        self._pause = min(max(pause, self.FIRST_PAUSE_SECONDS), self.MAX_PAUSE_SECONDS)
        if self._monotonic() + self._pause >= self._deadline:
            return False
        self._sleep(self._pause)
        return True
