"""Starting the servers that benchmarks post to, each pinned to a core that the client leaves."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.integration.fan_out.certificates import make_certificate

_ECHO_MODULE = Path("/usr/lib/nginx/modules/ngx_http_echo_module.so")
_NGINX = """
{modules}
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 2000; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 60s; server_tokens off;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{
    listen 127.0.0.1:{port} ssl backlog=1024;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    location / {{ {answer} }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        url: The endpoint, with a stage as on AWS.
        certificate: What to trust.
        kind: What it is, for the figure's name.
        lacks: Why it is not nginx; empty where it is, or where the stub was wanted.
    """

    url: str
    certificate: str
    kind: str
    lacks: str = ""


def cores() -> tuple[int, int]:
    """Return a core for the client and one for the server; the same where there is only one."""
    available = sorted(os.sched_getaffinity(0))
    return available[0], available[-1]


@contextmanager
def fast_server(folder: Path, *, delay_seconds: float = 0) -> Iterator[Server]:
    """Run nginx where it is installed, else the stub, over TLS.

    Args:
        folder: For configuration and certificate.
        delay_seconds: How late each answer is; nginx needs its echo module for that.
    """
    lacks = "" if shutil.which("nginx") else "nginx is not installed"
    if not lacks and delay_seconds and not _ECHO_MODULE.exists():
        lacks = "nginx's echo module is not installed"
    if lacks:
        with stub_server(folder, delay_seconds=delay_seconds) as server:
            yield replace(server, lacks=lacks)
        return
    modules, answer = "", 'return 200 "";'
    if delay_seconds:
        modules = f"load_module {_ECHO_MODULE};"
        answer = f"echo_read_request_body; echo_sleep {delay_seconds}; echo;"
    certificate, key = make_certificate(folder)
    port = _free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _NGINX.format(
            modules=modules,
            answer=answer,
            folder=folder,
            port=port,
            certificate=certificate,
            key=key,
        )
    )
    process = subprocess.Popen(
        ["nginx", "-p", str(folder), "-c", str(configuration)],
        preexec_fn=lambda: os.sched_setaffinity(0, {cores()[1]}),  # noqa: PLW1509  one thread
    )
    try:
        _wait_for(port)
        yield Server(f"https://localhost:{port}/prod", str(certificate), "nginx")
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def stub_server(
    folder: Path, *, delay_seconds: float = 0, quota: float = 0, is_secure: bool = True
) -> Iterator[Server]:
    """Run the stub.

    Args:
        folder: For its certificate.
        delay_seconds: How late each answer is.
        quota: Posts a second that it accepts; 0 for all.
        is_secure: Whether it speaks TLS.
    """
    command = [sys.executable, "-m", "tests.benchmarks.support.stub", "--core", str(cores()[1])]
    command += ["--delay", str(delay_seconds), "--quota", str(quota)]
    certificate = ""
    if is_secure:
        files = make_certificate(folder)
        certificate = str(files[0])
        command += ["--certificate", certificate, "--key", str(files[1])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        scheme = "https" if is_secure else "http"
        yield Server(f"{scheme}://localhost:{port}/prod", certificate, "stub")
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not come up")
