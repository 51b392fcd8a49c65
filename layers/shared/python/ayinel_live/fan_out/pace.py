"""Pacing: how many posts a second one worker makes, and how it yields when it is told to."""

from __future__ import annotations

_BACK_OFF = 0.7
_BACK_OFF_AGAIN_AFTER_SECONDS = 0.2
_SLOWEST_SHARE = 0.05
_RECOVERY_PER_SECOND = 0.1
_BURST_SECONDS = 0.05


class Pace:
    """A token bucket whose rate gives way to 429s and comes back by itself.

    The account's quota is shared: `ceiling` is this worker's part of it by plan, and a 429 says
    that the plan does not hold right now. Then the rate falls by a factor, at most five times a
    second, and grows again by a tenth of the ceiling each second (additive increase,
    multiplicative decrease: Chiu and Jain, 1989).

    Args:
        ceiling: Posts a second by plan; 0 is as fast as it goes.
    """

    def __init__(self, ceiling: float) -> None:
        self._ceiling = ceiling if ceiling > 0 else float("inf")
        self._is_limited = ceiling > 0
        self.rate = self._ceiling
        self._tokens = self._burst()
        self._updated: float | None = None
        self._backed_off_at = float("-inf")

    def take(self, now: float) -> bool:
        """Take the right to one post; False says: not yet."""
        if not self._is_limited:
            return True
        if self._tokens < 1.0:
            self._refill(now)
            if self._tokens < 1.0:
                return False
        self._tokens -= 1.0
        return True

    def allowance(self, now: float) -> float:
        """Return how many posts may go at once now."""
        if not self._is_limited:
            return self._ceiling
        self._refill(now)
        return self._tokens

    def wait_seconds(self) -> float:
        """Return how long until a post may go again, a few at a time."""
        return max(0.005, (1.0 - self._tokens) / self.rate)

    def throttled(self, now: float) -> None:
        """Hear of a 429."""
        if not self._is_limited:
            return
        self._refill(now)
        if now - self._backed_off_at >= _BACK_OFF_AGAIN_AFTER_SECONDS:
            self._backed_off_at = now
            self.rate = max(self._ceiling * _SLOWEST_SHARE, self.rate * _BACK_OFF)
            self._tokens = min(self._tokens, 1.0)

    def _burst(self) -> float:
        return max(1.0, self.rate * _BURST_SECONDS)

    def _refill(self, now: float) -> None:
        elapsed = 0.0 if self._updated is None else max(0.0, now - self._updated)
        self._updated = now
        recovered = self.rate + self._ceiling * _RECOVERY_PER_SECOND * elapsed
        self.rate = min(self._ceiling, recovered)
        self._tokens = min(self._burst(), self._tokens + self.rate * elapsed)
