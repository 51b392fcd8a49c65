"""A fault-injecting proxy before the emulator, and a stack whose functions reach AWS through it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from local.daemon import accepts_connections
from local.layout import HOST, Layout
from local.runtime import Runtime
from tests.support.stack import Stack, free_port, ready_layout

Rule = dict[str, Any]
START_SECONDS = 20.0
_FIRED_KEPT = 2000


@dataclass(frozen=True)
class Traffic:
    """What went through a proxy, by the service that requests are signed for.

    Attributes:
        requests: How many came.
        broken: How many of them met a fault.
    """

    requests: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Traffic) -> Traffic:
        """Return both together."""
        return Traffic(self.requests + other.requests, self.broken + other.broken)

    def __sub__(self, earlier: Traffic) -> Traffic:
        """Return what came since."""
        return Traffic(self.requests - earlier.requests, self.broken - earlier.broken)


class FaultProxy:
    """microburst before one upstream.

    Args:
        upstream: What it stands before.
        log_path: What it has to say.
    """

    def __init__(self, upstream: str, log_path: Path) -> None:
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self._upstream = upstream
        self._log_path = log_path
        self._http = httpx.Client(base_url=self.url, timeout=10)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "microburst", "--upstream", self._upstream]
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port), "--no-resign"],
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"]},
            )
        deadline = time.monotonic() + START_SECONDS
        while not accepts_connections(self.port):
            assert time.monotonic() < deadline, self._log_path.read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it."""
        self._http.close()
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
            self._process.kill()
            self._process.wait(timeout=5)

    def inject(self, rules: Sequence[Rule]) -> None:
        """Put rules in the place of those that there are."""
        self._http.post("/_microburst/rules", json=list(rules)).raise_for_status()

    def clear(self) -> None:
        """Let everything pass."""
        self.inject(())

    def forget(self) -> None:
        """Forget the faults that were made so far."""
        self._http.delete("/_microburst/fired").raise_for_status()

    def fired(self) -> int:
        """Return how many faults were made since."""
        answer = self._http.get("/_microburst/fired", params={"limit": _FIRED_KEPT})
        return len(answer.raise_for_status().json())

    def traffic(self) -> Traffic:
        """Return what went through since the start."""
        answer = self._http.get("/_microburst/stats").raise_for_status().json()
        services = answer["by_service"]
        return Traffic(
            Counter({entry["service"]: entry["requests"] for entry in services}),
            Counter({entry["service"]: entry["faulted"] for entry in services}),
        )


class FaultyRuntime(Runtime):
    """A runtime whose functions reach the emulator and IVS through proxies."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout)
        logs = layout.logs_dir
        self.aws_proxy = FaultProxy(self.emulator.endpoint_url, logs / "proxy-aws.log")
        self.ivs_proxy = FaultProxy(layout.video_url, logs / "proxy-ivs.log")
        self.emulator.functions_endpoint_url = self.aws_proxy.url
        self.emulator.ivs_endpoint_url = self.ivs_proxy.url
        self._before = Traffic()

    def _context(self) -> dict[str, str]:
        return {
            **super()._context(),
            "awsEndpointUrl": self.aws_proxy.url,
            "ivsEndpointUrl": self.ivs_proxy.url,
        }

    def direct(self, address: str) -> str:
        """Return an address that goes past the proxy: clients are no part of what is tested."""
        proxied = f"{HOST}:{self.aws_proxy.port}"
        return address.replace(proxied, f"{HOST}:{self.layout.aws_port}")

    def outputs(self) -> dict[str, str]:
        """Return the addresses, past the proxy."""
        return {name: self.direct(value) for name, value in super().outputs().items()}

    def inject(self, rules: Sequence[Rule]) -> None:
        """Break what the functions reach."""
        self._before = self._passed()
        for proxy in (self.aws_proxy, self.ivs_proxy):
            proxy.inject(rules)

    def heal(self) -> Traffic:
        """Let everything work again; returns what came while it did not."""
        seen = self.seen()
        for proxy in (self.aws_proxy, self.ivs_proxy):
            proxy.clear()
        return seen

    def seen(self) -> Traffic:
        """Return what came since things were broken."""
        return self._passed() - self._before

    def _passed(self) -> Traffic:
        return self.aws_proxy.traffic() + self.ivs_proxy.traffic()


@contextmanager
def faulty_stack(folder: Path) -> Iterator[tuple[Stack, FaultyRuntime]]:
    """Bring a stack with proxies up, on ports of its own, and take it down at the end.

    Args:
        folder: An empty folder.
    """
    runtime = FaultyRuntime(ready_layout(folder))
    runtime.aws_proxy.start()
    runtime.ivs_proxy.start()
    try:
        outputs = runtime.up(lambda line: print(line, file=sys.stderr))
        with closing(Stack(runtime, outputs)) as stack:
            yield stack, runtime
    finally:
        runtime.down()
        runtime.ivs_proxy.stop()
        runtime.aws_proxy.stop()
