"""Posts frames to connections: many at once, paced, each retried by itself.

One failed post never fails another. What a connection has got it does not get again: a job moves on
frame by frame, and what is left of it comes back in the report. The work is driven by callbacks of
the wires; there is no task per post.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Iterable

from ayinel_live.fan_out.dials import Dials
from ayinel_live.fan_out.endpoint import Dialer
from ayinel_live.fan_out.jobs import Job, Report
from ayinel_live.fan_out.pace import Pace
from ayinel_live.fan_out.responses import Response
from ayinel_live.fan_out.signer import Payload, PostSigner
from ayinel_live.fan_out.timers import Timers
from ayinel_live.fan_out.wire import Wire

MAX_WIRES = 256
_ANSWER_SECONDS = 5.0
_GRACE_SECONDS = 1.0
_SWEEP_SECONDS = 0.5
# A wire that was idle for longer has probably been given up by the other side, or by the network
# while the function was frozen.
_IDLE_SECONDS = 20.0
_ATTEMPTS = 5
_RETRY_BASE_SECONDS = 0.1
_RETRY_CAP_SECONDS = 2.0
_UNREACHABLE_SECONDS = 4.0

_FORBIDDEN, _REQUEST_TIMEOUT, _GONE, _THROTTLED, _SERVER_FAULT = 403, 408, 410, 429, 500
_NOTHING = Payload.of(b"")


class Poster:
    """Keeps wires to `@connections` open between calls and works off jobs over them.

    Args:
        dialer: Opens wires to the endpoint.
        signer: Renders signed requests.
        posts_per_second: This worker's pace; 0 is as fast as it goes.
        max_wires: Connections at most.
    """

    def __init__(
        self,
        dialer: Dialer,
        signer: PostSigner,
        posts_per_second: float,
        max_wires: int = MAX_WIRES,
    ) -> None:
        self._signer = signer
        self._pace = Pace(posts_per_second)
        self._wires: set[Wire] = set()
        self._idle: list[Wire] = []
        self._dials = Dials(dialer, self, max_wires, self._kick, self._undialed)
        self._queue: deque[Job] = deque()
        self._waiting: dict[Job, asyncio.TimerHandle] = {}
        self._timers = Timers()
        self._is_hand_out_due = False
        self._unfinished = 0
        self._deadline = 0.0
        self._report = Report()
        self._done: asyncio.Future[None] | None = None

    async def post(self, jobs: Iterable[Job], seconds: float) -> Report:
        """Work off jobs; one call at a time.

        Args:
            jobs: One for each connection.
            seconds: After this time what is unfinished is left, but for a second's grace that
                requests in flight have.

        Returns:
            What became of them.
        """
        self._loop = asyncio.get_running_loop()
        await asyncio.sleep(0)  # lets wires hear that they were closed meanwhile
        self._drop_stale()
        report = self._report = Report()
        self._queue.extend(job for job in jobs if not job.is_finished)
        self._unfinished = len(self._queue)
        if not self._unfinished:
            return report
        self._done = self._loop.create_future()
        self._deadline = self._loop.time() + seconds
        self._dials.forget_failures()
        self._timers.after("stop", seconds, self._stop)
        self._timers.after("sweep", _SWEEP_SECONDS, self._sweep)
        try:
            self._kick()
            await self._done
        finally:
            self._settle()
        return report

    async def close(self) -> None:
        """Drop all wires."""
        self._dials.cancel()
        for wire in list(self._wires):
            wire.abort()
        await asyncio.sleep(0)

    # What the wires tell.

    def wire_opened(self, wire: Wire) -> None:
        """A dial succeeded."""
        self._wires.add(wire)
        wire.sent_at = self._loop.time()
        self._free(wire)

    def wire_answered(self, wire: Wire, response: Response) -> None:
        """A post was answered."""
        job, wire.errand = wire.errand, None
        if job is not None:
            self._judge(job, response.status)
        if response.keep_alive:
            self._free(wire)

    def wire_lost(self, wire: Wire, in_flight: bool) -> None:
        """A wire closed; a request in flight on it may or may not have arrived."""
        self._wires.discard(wire)
        if wire in self._idle:
            self._idle.remove(wire)
        job, wire.errand = wire.errand, None
        if in_flight and job is not None:
            # A wire that served before has met the server's idle limit: no reason to wait.
            self._retry(job, waits=wire.exchanges == 0 or job.attempts > 0)
        self._kick()

    # Work.

    def _free(self, wire: Wire) -> None:
        """Take a wire as free; all that a turn of the loop frees are given work together.

        Requests that are written one right after the other find the server awake and the code in
        the processor's caches: a post costs a twentieth less than by turns of reading and writing.
        """
        self._idle.append(wire)
        if not self._is_hand_out_due:
            self._is_hand_out_due = True
            self._loop.call_soon(self._hand_out)

    def _hand_out(self) -> None:
        """Give waiting jobs to free wires, as many as the pace allows."""
        self._is_hand_out_due = False
        now = self._loop.time()
        queue, idle, requests = self._queue, self._idle, []
        while queue and idle:
            if idle[-1].is_closed:
                idle.pop()
            elif self._pace.take(now):
                wire, job = idle.pop(), queue.popleft()
                wire.errand, wire.sent_at = job, now
                requests.append((wire, self._request(job)))
            else:
                self._timers.after("kick", self._pace.wait_seconds(), self._kick)
                break
        for wire, request in requests:
            wire.ask(request)

    def _request(self, job: Job) -> bytes:
        if job.position < len(job.payloads):
            return self._signer.request("POST", job.path, job.payloads[job.position])
        return self._signer.request("DELETE", job.path, _NOTHING)

    def _kick(self) -> None:
        """Bring waiting jobs and free wires together; open more wires where they are short."""
        self._hand_out()
        if not self._queue:
            return
        allowed = self._pace.allowance(self._loop.time())
        if allowed < 1.0:
            self._timers.after("kick", self._pace.wait_seconds(), self._kick)
            return
        self._dials.open(int(min(len(self._queue), allowed)), len(self._wires))

    def _undialed(self, failing_seconds: float) -> None:
        """A dial failed; another is due in a while, unless nothing could be reached for long."""
        if not self._wires and failing_seconds > _UNREACHABLE_SECONDS:
            self._stop()
        else:
            self._timers.after("kick", _jitter(2), self._kick)

    def _judge(self, job: Job, status: int) -> None:
        """Decide what an answer means for the job."""
        if status < 300:
            self._report.delivered += 1
            job.position = position = job.position + 1
            job.attempts = 0
            if position >= job.steps:
                self._finish()
            elif self._loop.time() < self._deadline:
                self._queue.appendleft(job)
            else:
                # Another request could only be cut off, and perhaps be posted twice.
                self._leave(job)
        elif status == _GONE:
            self._report.gone.append(job.connection_id)
            self._finish()
        elif status == _THROTTLED:
            self._report.throttled += 1
            self._pace.throttled(self._loop.time())
            self._retry(job, is_throttled=True)
        elif status >= _SERVER_FAULT or status == _REQUEST_TIMEOUT:
            self._retry(job)
        elif status == _FORBIDDEN:
            # It is this worker that may not post, such as with credentials that have expired, which
            # a function has no way to renew: another worker may, and to try again here is in vain.
            self._report.forbidden += 1
            self._leave(job)
        else:
            self._report.refused.append((job.connection_id, status))
            self._finish()

    def _retry(self, job: Job, *, waits: bool = True, is_throttled: bool = False) -> None:
        """Try the present step again later, or leave the job where it stands.

        Throttling is not the connection's fault and passes: it is tried until the time is up.
        """
        job.attempts += 1
        delay = _jitter(job.attempts) if waits else 0.0
        is_spent = job.attempts >= _ATTEMPTS and not is_throttled
        if is_spent or self._loop.time() + delay >= self._deadline:
            self._leave(job)
            return
        self._report.retried += 1
        if waits:
            self._waiting[job] = self._loop.call_later(delay, self._again, job)
        else:
            self._queue.append(job)

    def _again(self, job: Job) -> None:
        self._waiting.pop(job, None)
        self._queue.append(job)
        self._kick()

    def _leave(self, job: Job) -> None:
        self._report.left.append(job)
        self._finish()

    def _finish(self) -> None:
        self._unfinished -= 1
        if self._unfinished == 0 and self._done is not None and not self._done.done():
            self._done.set_result(None)

    # Time.

    def _stop(self) -> None:
        """Start nothing more; requests in flight have a moment to be answered."""
        self._deadline = self._loop.time()
        while self._queue:
            self._leave(self._queue.popleft())
        while self._waiting:
            job, timer = self._waiting.popitem()
            timer.cancel()
            self._leave(job)
        self._timers.after("abort", _GRACE_SECONDS, self._abort_in_flight)

    def _abort_in_flight(self) -> None:
        for wire in [wire for wire in self._wires if wire.errand is not None]:
            wire.abort()

    def _sweep(self) -> None:
        """Give up requests that wait too long for their answer."""
        now = self._loop.time()
        for wire in self._wires:
            if wire.errand is not None and now - wire.sent_at > _ANSWER_SECONDS:
                wire.abort()
        self._timers.after("sweep", _SWEEP_SECONDS, self._sweep)

    def _drop_stale(self) -> None:
        now = self._loop.time()
        for wire in [wire for wire in self._idle if now - wire.sent_at > _IDLE_SECONDS]:
            self._idle.remove(wire)
            wire.abort()

    def _settle(self) -> None:
        """Leave no timer and no job behind, whatever ended the run."""
        self._timers.cancel()
        for timer in self._waiting.values():
            timer.cancel()
        self._waiting.clear()
        self._queue.clear()
        self._done = None
        for wire in [wire for wire in self._wires if wire.errand is not None]:
            wire.errand = None  # nobody waits for it, and the next run has jobs of its own
            wire.abort()


def _jitter(attempts: int) -> float:
    """Return a delay: full jitter under a bound that doubles."""
    bound = min(_RETRY_CAP_SECONDS, _RETRY_BASE_SECONDS * 2**attempts)
    return random.uniform(0, bound)  # noqa: S311  spreading load, not a secret
