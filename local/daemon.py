"""A long-running program of the runtime: started in the background, found again, stopped."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.aws.process import (
    is_alive,
    record_pid,
    recorded_pid,
    spawn_detached,
    terminate,
)
from local.errors import LocalError

HOST = "127.0.0.1"
START_SECONDS = 20.0
STOP_SECONDS = 8.0


@dataclass(frozen=True)
class Daemon:
    """One program with its pid file and its log.

    Attributes:
        name: For people, and the stem of pid file and log.
        module: Run as `python -m MODULE`; it also tells the process from a recycled pid.
        arguments: Its command line.
        ports: The TCP ports on 127.0.0.1 that it must own.
        local_dir: The runtime's folder.
        environment: Its whole environment.
        is_ready: Asked until it says yes.
    """

    name: str
    module: str
    arguments: Sequence[str]
    ports: Sequence[int]
    local_dir: Path
    environment: Mapping[str, str]
    is_ready: Callable[[], bool]

    @property
    def log_path(self) -> Path:
        """Where it writes what it has to say."""
        return self.local_dir / "logs" / f"{self.name}.log"

    @property
    def pid_path(self) -> Path:
        """The file that holds its process id."""
        return self.local_dir / "run" / f"{self.name}.pid"

    def running_pid(self) -> int | None:
        """Return its process id, or None when it does not run."""
        return recorded_pid(self.pid_path, self.module)

    def start(self) -> None:
        """Start it and return once it is ready.

        Raises:
            LocalError: A port is taken, it died, or it did not become ready in time.
        """
        for port in self.ports:
            require_free_port(port)
        for path in (self.log_path, self.pid_path):
            path.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", self.module, *self.arguments]
        pid = spawn_detached(command, self.environment, self.log_path)
        record_pid(self.pid_path, pid)
        try:
            self._wait(pid)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> bool:
        """Stop it by its own process id.

        Returns:
            Whether it ended by itself within the grace time; True when it did not run.
        """
        pid = self.running_pid()
        clean = terminate(pid, grace_seconds=STOP_SECONDS) if pid is not None else True
        self.pid_path.unlink(missing_ok=True)
        return clean

    def _wait(self, pid: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            if not is_alive(pid):
                raise LocalError(f"The {self.name} died: {self._last_words()}")
            if self.is_ready():
                return
            if time.monotonic() > deadline:
                raise LocalError(
                    f"The {self.name} did not answer within {START_SECONDS:.0f} s; "
                    f"see {self.log_path}"
                )
            time.sleep(0.05)

    def _last_words(self) -> str:
        lines = self.log_path.read_text(errors="replace").strip().splitlines()
        return f"{lines[-1] if lines else 'it said nothing'} ({self.log_path})"


def require_free_port(port: int) -> None:
    """Make sure that nothing listens on a port of 127.0.0.1.

    Args:
        port: The port.

    Raises:
        LocalError: Another program owns it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise LocalError(
                f"Port {port} is taken by another program: stop it, or choose another port "
                "(python -m local --help)"
            ) from None


def accepts_connections(port: int) -> bool:
    """Say whether something accepts TCP connections on a port of 127.0.0.1."""
    try:
        socket.create_connection((HOST, port), timeout=0.5).close()
    except OSError:
        return False
    return True
