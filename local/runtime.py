"""The whole platform on one machine: brought up in order, taken down in the reverse order."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from local.aws.cdk import Cdk, require_node
from local.aws.emulator import REGION, Emulator
from local.daemon import Daemon, accepts_connections, require_free_port
from local.errors import LocalError
from local.history import HistoryDatabase
from local.layout import HOST, REPOSITORY, Layout
from local.website.build import build_pages

Progress = Callable[[str], None]
ANSWER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One program of the runtime: its name, where it listens, its process id if it runs."""

    name: str
    address: str
    pid: int | None


class Runtime:
    """Emulator, video stand-in, database, deployed stack and pages.

    Args:
        layout: Folders and ports.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.emulator = Emulator(
            layout.local_dir, port=layout.aws_port, ivs_endpoint_url=layout.video_url
        )
        self.cdk = Cdk(self.emulator)
        self.database = HistoryDatabase(layout.state_dir / "history", layout.logs_dir)
        self.video = self._video()
        self.website = self._website()

    def up(self, progress: Progress) -> dict[str, str]:
        """Bring everything up that does not run yet and deploy the stack.

        Args:
            progress: Called with a line of text before each step.

        Returns:
            The outputs, as `python -m local outputs` prints them.

        Raises:
            LocalError: Something did not come up; nothing that this call started is left running.
            AwsError: Likewise, from emulator or deployment.
        """
        started: list[Callable[[], object]] = []
        with self._alone():
            try:
                return self._up(progress, started)
            except BaseException:
                for stop in reversed(started):
                    stop()
                raise

    def _up(self, progress: Progress, started: list[Callable[[], object]]) -> dict[str, str]:
        require_node()
        self._require_free_ports()
        with ThreadPoolExecutor() as pool:
            pages = pool.submit(build_pages, self.layout.local_dir, progress)
            if self.emulator.running_pid() is None:
                started.append(self.emulator.stop)
                self.emulator.start(progress)
            if self.video.running_pid() is None:
                progress("Starting the video server")
                started.append(self.video.stop)
                self.video.start()
            if not self.database.is_running():
                progress("Starting PostgreSQL")
                started.append(self.database.stop)
                self.database.start()
            self.cdk.deploy("local", context=self._context(), progress=progress)
            outputs = self.outputs()
            pages.result()
        self._write_page_config(outputs)
        if self.website.running_pid() is not None:
            self.website.stop()
        progress("Starting the pages")
        started.append(self.website.stop)
        self.website.start()
        progress("Waiting until everything answers")
        self._wait_until_answering(outputs)
        progress("Warming the functions")
        # A cold function is only slower; that is no reason to take everything down again.
        with suppress(httpx.HTTPError):
            self.emulator.warm()
        self.emulator.save()
        return outputs

    def down(self) -> bool:
        """Stop everything, the youngest first.

        Returns:
            Whether all programs ended by themselves, with their state saved.

        Raises:
            LocalError: The runtime is being started or stopped right now.
        """
        with self._alone():
            return self._down()

    def _down(self) -> bool:
        clean = [self.website.stop(), self.video.stop(), self.emulator.stop()]
        self.database.stop()
        return all(clean)

    def reset(self) -> None:
        """Stop everything and wipe its state; the installed environments stay.

        Raises:
            LocalError: The runtime is being started or stopped right now.
            OSError: Something could not be removed.
        """
        with self._alone():
            self._down()
            for name in ("state", "logs", "run", "tmp", "cdk.out"):
                with suppress(FileNotFoundError):
                    shutil.rmtree(self.layout.local_dir / name)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep two commands from starting and stopping the same programs at once."""
        self.layout.local_dir.mkdir(parents=True, exist_ok=True)
        with (self.layout.local_dir / "runtime.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LocalError(
                    "Another command starts or stops this platform right now: wait for it to end"
                ) from None
            yield

    def status(self) -> list[ServiceStatus]:
        """Say what runs."""
        layout = self.layout
        database = self.database.pid()
        return [
            ServiceStatus("AWS emulator", self.emulator.endpoint_url, self.emulator.running_pid()),
            ServiceStatus("video server", layout.rtmp_url, self.video.running_pid()),
            ServiceStatus("PostgreSQL", "a socket", database),
            ServiceStatus("pages", layout.web_url, self.website.running_pid()),
        ]

    def require_running(self) -> None:
        """Make sure that there is something to talk to.

        Raises:
            LocalError: A program of the platform does not run.
        """
        if missing := [service.name for service in self.status() if service.pid is None]:
            raise LocalError(
                f"The platform does not run ({', '.join(missing)}): start it with `make up`"
            )

    def outputs(self) -> dict[str, str]:
        """Return the addresses of the deployed stack.

        Raises:
            LocalError: Nothing is deployed.
        """
        stacks = self.cdk.outputs()
        if not stacks:
            raise LocalError("Nothing is deployed here: run `make up` first")
        merged = {key: value for stack in stacks.values() for key, value in stack.items()}
        # CDK adds outputs of its own for what one stack hands to another.
        named = {
            key[0].lower() + key[1:]: value
            for key, value in merged.items()
            if not key.startswith("ExportsOutput")
        }
        return {
            **named,
            "rtmpUrl": self.layout.rtmp_url,
            "webUrl": self.layout.web_url,
            "awsEndpointUrl": self.emulator.endpoint_url,
            "awsRegion": REGION,
            "videoUrl": self.layout.video_url,
        }

    def _context(self) -> dict[str, str]:
        # Handlers run on this machine too, so they reach what the commands reach.
        return {
            "awsEndpointUrl": self.emulator.endpoint_url,
            "ivsEndpointUrl": self.layout.video_url,
            "webOrigin": self.layout.web_url,
            "historyDsn": self.database.dsn(),
        }

    def _require_free_ports(self) -> None:
        wanted = {
            self.layout.aws_port: self.emulator.running_pid(),
            self.layout.rtmp_port: self.video.running_pid(),
            self.layout.video_port: self.video.running_pid(),
            self.layout.web_port: self.website.running_pid(),
        }
        for port, owner in wanted.items():
            if owner is None:
                require_free_port(port)

    def _video(self) -> Daemon:
        layout = self.layout
        arguments = [
            *("--rtmp-port", str(layout.rtmp_port), "--http-port", str(layout.video_port)),
            *("--state-dir", str(layout.state_dir / "video")),
            *("--events-url", f"http://{HOST}:{layout.aws_port}/_ayinel/events"),
            *("--s3-endpoint", f"http://{HOST}:{layout.aws_port}"),
        ]
        ports = (layout.rtmp_port, layout.video_port)
        return self._daemon(
            "video",
            "local.video",
            arguments,
            ports,
            lambda: all(accepts_connections(port) for port in ports),
        )

    def _website(self) -> Daemon:
        port = self.layout.web_port
        pages = REPOSITORY / "web" / "dist"
        arguments = [
            *("--port", str(port), "--pages", str(pages)),
            *("--config", str(self._page_config_path)),
        ]
        return self._daemon(
            "website", "local.website", arguments, (port,), lambda: accepts_connections(port)
        )

    def _daemon(
        self,
        name: str,
        module: str,
        arguments: list[str],
        ports: tuple[int, ...],
        is_ready: Callable[[], bool],
    ) -> Daemon:
        return Daemon(
            name=name,
            module=module,
            arguments=arguments,
            ports=ports,
            local_dir=self.layout.local_dir,
            environment=_clean_environment(self.emulator.client_environment()),
            is_ready=is_ready,
        )

    @property
    def _page_config_path(self) -> Path:
        return self.layout.state_dir / "pages-config.json"

    def _write_page_config(self, outputs: Mapping[str, str]) -> None:
        chat_origin = f"ws://{HOST}:{self.layout.aws_port}"
        config = {
            "apiUrl": outputs["apiUrl"],
            "cognitoEndpoint": outputs["awsEndpointUrl"],
            "userPoolId": outputs["userPoolId"],
            "userPoolClientId": outputs["userPoolClientId"],
            "region": REGION,
            "connectSources": [outputs["awsEndpointUrl"], chat_origin, self.layout.video_url],
            "mediaSources": [self.layout.video_url, outputs["awsEndpointUrl"]],
        }
        self._page_config_path.parent.mkdir(parents=True, exist_ok=True)
        self._page_config_path.write_text(json.dumps(config, indent=2), encoding="utf-8")

    def _wait_until_answering(self, outputs: Mapping[str, str]) -> None:
        deadline = time.monotonic() + ANSWER_SECONDS
        for url in (f"{outputs['apiUrl']}/capabilities", outputs["webUrl"]):
            while True:
                last = _status_of(url)
                if last == "200":
                    break
                if time.monotonic() > deadline:
                    raise LocalError(f"{url} does not answer: {last}; see `make logs`")
                time.sleep(0.2)


def _status_of(url: str) -> str:
    try:
        return str(httpx.get(url, timeout=10).status_code)
    except httpx.HTTPError as error:
        return type(error).__name__


def _clean_environment(aws: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONUNBUFFERED": "1", **aws}
