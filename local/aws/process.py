"""One long-running child process that later commands must find again, by its pid file."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_POLL_SECONDS = 0.05


def spawn_detached(command: Sequence[str], environment: Mapping[str, str], log_path: Path) -> int:
    """Start a process in a session of its own, which outlives this one.

    Args:
        command: The program's path and its arguments.
        environment: All of its environment.
        log_path: The file that takes what it prints; begun anew.

    Returns:
        Its process id, which is its group's id too.
    """
    with log_path.open("wb") as log, Path(os.devnull).open("rb") as nothing:
        return os.posix_spawn(
            command[0],
            list(command),
            environment,
            setsid=True,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, nothing.fileno(), 0),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
            ],
        )


def record_pid(pid_file: Path, pid: int) -> None:
    """Write down a process, so that later commands find it and never take another one for it.

    Args:
        pid_file: Takes the process id and, where the system tells it, when the process began.
        pid: The process id.
    """
    pid_file.write_text(f"{pid} {_begun_at(pid)}".strip())


def recorded_pid(pid_file: Path, marker: str) -> int | None:
    """Find the process that a pid file names, if it still is the one that was meant.

    Args:
        pid_file: What `record_pid` wrote.
        marker: A word of the process's command line. A recycled pid does not carry it, or is one
            of another runtime, which began at another time.

    Returns:
        The process id, or None when the file is missing or stale.
    """
    try:
        number, _, begun_at = pid_file.read_text().partition(" ")
        pid = int(number)
    except (OSError, ValueError):
        return None
    is_it = is_alive(pid) and marker in _command_line(pid) and begun_at in ("", _begun_at(pid))
    return pid if is_it else None


def is_alive(pid: int) -> bool:
    """Say whether a process runs, collecting it first if it is a dead child of this one.

    A dead one that nobody collects does not run either: the first process of a container is
    often no init, and what its children leave behind stays listed for ever.
    """
    with contextlib.suppress(ChildProcessError):
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    if _stat(pid)[:1] == ["Z"]:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def terminate(pid: int, *, grace_seconds: float) -> bool:
    """End a process that leads its own session, and with it everything that it spawned.

    Args:
        pid: The process id, which is its group's id too.
        grace_seconds: How long it may take after SIGTERM before SIGKILL follows.

    Returns:
        Whether it ended by itself within the grace time.
    """
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    clean = wait_for_end(pid, grace_seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    if not clean:
        wait_for_end(pid, grace_seconds)
    return clean


def wait_for_end(pid: int, timeout_seconds: float) -> bool:
    """Wait until a process is gone.

    Args:
        pid: The process id.
        timeout_seconds: How long to wait at most.

    Returns:
        Whether it is gone.
    """
    deadline = time.monotonic() + timeout_seconds
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _stat(pid: int) -> list[str]:
    """What Linux tells of a process, from its state on; nothing elsewhere, or once it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _begun_at(pid: int) -> str:
    """When a process began, in ticks since the machine did (proc(5), starttime)."""
    return "".join(_stat(pid)[19:20])


def _command_line(pid: int) -> str:
    proc = Path(f"/proc/{pid}/cmdline")
    if proc.exists():
        return proc.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    listed = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout
