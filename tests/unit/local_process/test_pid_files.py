import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.aws.process import is_alive, record_pid, recorded_pid, spawn_detached, terminate

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)  # sleeper"]


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[int]:
    pid = spawn_detached(SLEEPER, {}, tmp_path / "log")
    yield pid
    terminate(pid, grace_seconds=5)


def test_recorded_process_is_found_again(tmp_path: Path, sleeper: int) -> None:
    record_pid(tmp_path / "pid", sleeper)
    assert recorded_pid(tmp_path / "pid", "sleeper") == sleeper
    assert recorded_pid(tmp_path / "pid", "emulator") is None


def test_pid_that_went_to_a_like_process_is_not_taken_for_it(tmp_path: Path, sleeper: int) -> None:
    record_pid(tmp_path / "pid", sleeper)
    pid, begun_at = (tmp_path / "pid").read_text().split()
    (tmp_path / "pid").write_text(f"{pid} {int(begun_at) - 1}")
    assert recorded_pid(tmp_path / "pid", "sleeper") is None
    assert is_alive(sleeper)


def test_dead_process_that_nobody_collects_does_not_run() -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', ''])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        try:
            pid = int(parent.stdout.readline())
            deadline = time.monotonic() + 10
            while is_alive(pid):
                assert time.monotonic() < deadline
                time.sleep(0.01)
            os.kill(pid, 0)
        finally:
            parent.kill()


def test_process_that_ends_when_told_to_ended_cleanly(sleeper: int) -> None:
    assert terminate(sleeper, grace_seconds=5)
    assert not is_alive(sleeper)


def test_process_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    code = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('deaf', flush=True)\n"
        "time.sleep(60)\n"
    )
    log = tmp_path / "log"
    pid = spawn_detached([sys.executable, "-c", code], {}, log)
    deadline = time.monotonic() + 10
    while "deaf" not in log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not terminate(pid, grace_seconds=0.2)
    assert not is_alive(pid)
