"""The deployed local stack that end-to-end, contract and browser tests share in one run."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from local.accounts import Accounts
from local.aws.environment import ensure_environment
from local.client import LiveApi
from local.layout import REPOSITORY, Layout
from local.runtime import Runtime

REUSE_VARIABLE = "AYINEL_TEST_RUNTIME"


@dataclass
class Stack:
    """A runtime that is up, with tokens for as many people as a test needs."""

    runtime: Runtime
    outputs: dict[str, str]
    _tokens: dict[str, str] = field(default_factory=dict)
    _apis: dict[str | None, LiveApi] = field(default_factory=dict)
    _clients: dict[str, Any] = field(default_factory=dict)

    def token(self, name: str, *, operator: bool = False) -> str:
        """Return a bearer token for a person, made on first need."""
        if name not in self._tokens:
            with Accounts(
                self.outputs["awsEndpointUrl"],
                self.outputs["awsRegion"],
                self.outputs["userPoolId"],
                self.outputs["userPoolClientId"],
            ) as accounts:
                self._tokens[name] = accounts.token(name, operator=operator)
        return self._tokens[name]

    def api(self, name: str | None = None, *, operator: bool = False) -> LiveApi:
        """Return the API as a person sees it, or as the anonymous do."""
        if name not in self._apis:
            token = None if name is None else self.token(name, operator=operator)
            self._apis[name] = LiveApi(self.outputs["apiUrl"], token)
        return self._apis[name]

    def client(self, service: str) -> Any:
        """Return a boto3 client of the stack's AWS."""
        if service not in self._clients:
            session = boto3.Session(**self.runtime.emulator.credentials())
            endpoint = self.outputs["awsEndpointUrl"]
            self._clients[service] = session.client(service, endpoint_url=endpoint)
        return self._clients[service]

    def close(self) -> None:
        """Close every connection that was opened on the way."""
        for connection in (*self._apis.values(), *self._clients.values()):
            connection.close()


def free_port() -> int:
    """Return a port of the loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def layout_in(folder: Path) -> Layout:
    """Return a layout in a folder, on ports that were free a moment ago."""
    return Layout(
        local_dir=folder,
        aws_port=free_port(),
        rtmp_port=free_port(),
        video_port=free_port(),
        web_port=free_port(),
    )


def ready_layout(folder: Path) -> Layout:
    """Return such a layout that borrows the repository's emulator, instead of installing one."""
    ensure_environment(REPOSITORY / ".local")
    (folder / "emulator-venv").symlink_to(REPOSITORY / ".local" / "emulator-venv")
    return layout_in(folder)


@contextmanager
def running_stack(folder: Path) -> Iterator[Stack]:
    """Bring a stack up in a folder and on ports of its own, and take it down at the end.

    With `AYINEL_TEST_RUNTIME=1` the runtime that `make up` left running is used instead, which
    saves a developer the wait.

    Args:
        folder: An empty folder.
    """
    if os.environ.get(REUSE_VARIABLE):
        runtime = Runtime(Layout())
        with closing(Stack(runtime, runtime.outputs())) as stack:
            yield stack
        return
    runtime = Runtime(ready_layout(folder))
    outputs = runtime.up(lambda line: print(line, file=sys.stderr))
    try:
        with closing(Stack(runtime, outputs)) as stack:
            yield stack
    finally:
        runtime.down()


def run_local(layout: Layout, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m local …` on a layout, as a person would."""
    command = [
        *(sys.executable, "-m", "local", "--local-dir", str(layout.local_dir)),
        *("--aws-port", str(layout.aws_port), "--rtmp-port", str(layout.rtmp_port)),
        *("--video-port", str(layout.video_port), "--web-port", str(layout.web_port)),
        *arguments,
    ]
    return subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, timeout=180, check=False
    )
