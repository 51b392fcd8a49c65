"""Worker processes that begin with their base layer loaded, and share it in memory.

A template is a process that has imported what the functions of one base layer import from it and
then only ever forks. A worker forked from it starts within milliseconds and keeps a third of its
memory in common with the others: twenty functions fit where a dozen would.
Which modules to load is learned from the workers: each tells what it imported from the layer.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

TEMPLATES_KEPT = 2
_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
_REPLY_BYTES = 64


class ForkedProcess:
    """A worker's process, handled like a `subprocess.Popen` although it is no child of ours."""

    def __init__(self, pid: int, stdin: BinaryIO, stdout: BinaryIO) -> None:
        """Take over a process that lives.

        Args:
            pid: Its process id.
            stdin: Where it reads from.
            stdout: What it writes to.
        """
        self.pid = pid
        self.stdin = stdin
        self.stdout = stdout
        self._handle = os.pidfd_open(pid)
        self._ended = select.poll()
        self._ended.register(self._handle, select.POLLIN)

    def __del__(self) -> None:
        """Let go of the process's handle."""
        with contextlib.suppress(AttributeError, OSError):
            os.close(self._handle)

    def poll(self) -> int | None:
        """Return None while it runs; its exit status is not known to us, so 0 afterwards."""
        return 0 if self._ended.poll(0) else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Args:
            timeout: Seconds to wait at most.

        Returns:
            0, for its exit status is not known.

        Raises:
            subprocess.TimeoutExpired: When it runs on.
        """
        if not self._ended.poll(None if timeout is None else timeout * 1000):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return 0

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it is gone."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class Template:
    """The process from which the workers of one base layer are forked."""

    def __init__(self, layer: str, runtime: str) -> None:
        """Start the process; it has nothing loaded yet.

        Args:
            layer: The folder of the unpacked layer.
            runtime: The folder of the packages that every function finds.
        """
        self.layer = layer
        self._lock = threading.Lock()
        self._loaded: set[str] = set()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_BOOTSTRAP), str(theirs.fileno())],
                env={"AYINEL_LAYERS": layer, "LAMBDA_RUNTIME_DIR": runtime, "LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def fork(self, cwd: str, environment: dict[str, str], log: BinaryIO) -> ForkedProcess:
        """Fork a worker.

        Args:
            cwd: The folder it works in.
            environment: All of its environment.
            log: Takes what it prints.

        Returns:
            The worker's process.

        Raises:
            OSError: When the template or the worker died at once.
        """
        their_stdin, our_stdin = os.pipe()
        our_stdout, their_stdout = os.pipe()
        order = json.dumps({"cwd": cwd, "environment": environment}).encode()
        try:
            with self._lock:
                theirs = [their_stdin, their_stdout, log.fileno()]
                socket.send_fds(self._control, [order], theirs)
                reply = self._control.recv(_REPLY_BYTES)
        finally:
            os.close(their_stdin)
            os.close(their_stdout)
        stdin, stdout = os.fdopen(our_stdin, "wb", 0), os.fdopen(our_stdout, "rb", 0)
        if not reply:
            raise ChildProcessError("The template has ended")
        return ForkedProcess(int(reply), stdin, stdout)

    def learn(self, modules: list[str]) -> None:
        """Load what a worker had to load, for the workers to come.

        Args:
            modules: The names of modules that stand in the layer, in the order of their import.
        """
        with self._lock, contextlib.suppress(OSError):
            if fresh := [name for name in modules if name not in self._loaded]:
                self._loaded.update(fresh)
                self._control.send(json.dumps({"load": fresh}).encode())

    def end(self) -> None:
        """End the process; workers that were forked from it live on."""
        self._control.close()
        self._process.kill()
        self._process.wait()


_templates: dict[str, Template] = {}
_templates_lock = threading.Lock()


def template_for(environment: dict[str, str]) -> Template | None:
    """Give the template of a function's base layer, which is its first.

    Args:
        environment: The environment of the function's worker.

    Returns:
        The template; None for a function without layers.
    """
    # The path has the last layer first.
    layer = environment["AYINEL_LAYERS"].rpartition(os.pathsep)[2]
    if not layer:
        return None
    with _templates_lock:
        template = _templates.pop(layer, None) or Template(layer, environment["LAMBDA_RUNTIME_DIR"])
        _templates[layer] = template
        while len(_templates) > TEMPLATES_KEPT:
            _templates.pop(next(iter(_templates))).end()
        return template


def start_process(cwd: str, environment: dict[str, str], log: BinaryIO) -> Any:
    """Start a worker's process by forking it, or by itself where that cannot be.

    Args:
        cwd: The folder it works in.
        environment: All of its environment.
        log: Takes what it prints.
    """
    from local.aws.launcher import worker

    # A clock is set before anything is imported that reads it.
    is_skewed = "AYINEL_CLOCK_SKEW_SECONDS" in environment
    template = None if is_skewed else template_for(environment)
    if template is not None:
        with contextlib.suppress(OSError):
            return template.fork(cwd, environment, log)
    return worker.start_by_itself(cwd, environment, log)


def learn(environment: dict[str, str], modules: list[str]) -> None:
    """Tell the template of a function what one of its workers had to load.

    Args:
        environment: The environment of the worker.
        modules: What it loaded from its base layer.
    """
    template = template_for(environment)
    if template is not None:
        template.learn(modules)
