"""Ends the processes that run functions, as a machine that fails does."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from local.runtime import Runtime


def end_workers(runtime: Runtime, *functions: str) -> int:
    """Kill workers of a runtime's emulator; returns how many there were.

    Args:
        runtime: A runtime that is up.
        functions: Whose; every one's where none is named.
    """
    emulator = runtime.emulator.running_pid()
    assert emulator is not None
    killed = 0
    for pid in _workers_of(emulator):
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            code = Path(f"/proc/{pid}/cwd").readlink() / "functions"
            if functions and not any((code / function).exists() for function in functions):
                continue
            os.kill(pid, signal.SIGKILL)
            killed += 1
    return killed


def _workers_of(emulator: int) -> list[int]:
    """Return the processes that run functions, without the templates that they are forked from."""
    parents: dict[int, int] = {}
    templates: set[int] = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "stat").read_text().rpartition(")")[2].split()
            arguments = (folder / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        except OSError:
            continue
        if not any(argument.endswith(b"bootstrap.py") for argument in arguments):
            continue
        pid, parents[int(folder.name)] = int(folder.name), int(words[1])
        # A template is told which socket its orders come from, and those it forks look alike.
        if arguments[-1].isdigit() and parents[pid] == emulator:
            templates.add(pid)
    return [
        pid
        for pid, parent in parents.items()
        if pid not in templates and (parent == emulator or parent in templates)
    ]
