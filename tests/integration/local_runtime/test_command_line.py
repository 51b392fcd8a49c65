"""What goes wrong at start is one line, exit status 1, and nothing left running."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local.layout import REPOSITORY, Layout
from local.runtime import Runtime
from tests.support.stack import layout_in, run_local


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return layout_in(tmp_path)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port: int = listener.getsockname()[1]
        yield port


@pytest.mark.parametrize("name", ["aws_port", "rtmp_port", "video_port", "web_port"])
def test_taken_port_is_named_and_nothing_runs(layout: Layout, taken_port: int, name: str) -> None:
    blocked = Layout(**{**vars(layout), name: taken_port})
    done = run_local(blocked, "up")
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"Port {taken_port} is taken" in done.stderr
    assert all(service.pid is None for service in Runtime(blocked).status())


def test_missing_node_is_named_and_nothing_runs(layout: Layout) -> None:
    command = [
        *(sys.executable, "-m", "local", "--local-dir", str(layout.local_dir)),
        *("--aws-port", str(layout.aws_port), "--rtmp-port", str(layout.rtmp_port)),
        *("--video-port", str(layout.video_port), "--web-port", str(layout.web_port), "up"),
    ]
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env={**os.environ, "PATH": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "install Node.js" in done.stderr
    assert "Traceback" not in done.stderr
    assert all(service.pid is None for service in Runtime(layout).status())


@pytest.mark.parametrize(
    "command", [["outputs"], ["token", "alice"], ["demo"], ["audit", "one"], ["redrive"]]
)
def test_command_without_a_platform_says_what_to_do(layout: Layout, command: list[str]) -> None:
    done = run_local(layout, *command)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "make up" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["up", "down", "reset"])
def test_commands_wait_for_no_other_and_say_so(layout: Layout, command: str) -> None:
    with (layout.local_dir / "runtime.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run_local(layout, command)
    assert done.returncode == 1
    assert "Another command starts or stops this platform" in done.stderr


def test_folder_that_cannot_be_is_named(layout: Layout) -> None:
    (layout.local_dir / "file").touch()
    done = run_local(replace(layout, local_dir=layout.local_dir / "file" / "below"), "up")
    assert done.returncode == 1
    assert "Not a directory" in done.stderr
    assert str(layout.local_dir / "file") in done.stderr.replace("\n", "")
    assert "Traceback" not in done.stderr


def test_down_without_a_platform_is_no_fault(layout: Layout) -> None:
    assert run_local(layout, "down").returncode == 0
