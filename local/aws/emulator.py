"""Start, find and stop the AWS emulator."""

import contextlib
import os
import shutil
import socket
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from local.aws.environment import Progress, ensure_environment
from local.aws.errors import EmulatorError
from local.aws.process import (
    is_alive,
    record_pid,
    recorded_pid,
    spawn_detached,
    terminate,
)

HOST = "127.0.0.1"
DEFAULT_PORT = 4566
REGION = "us-east-1"
START_SECONDS = 30.0
STOP_SECONDS = 8.0
WARM_SECONDS = 60.0
_REPOSITORY = Path(__file__).parents[2]
_LAUNCHER = "local.aws.launcher"


class Emulator:
    """The AWS of this machine: one process, its state and its log under the runtime's folder.

    Example:
        ```python
        emulator = Emulator(Path(".local"))
        emulator.start()
        boto3.client("s3", endpoint_url=emulator.endpoint_url)
        emulator.stop()
        ```
    """

    def __init__(
        self,
        local_dir: Path,
        *,
        port: int = DEFAULT_PORT,
        ivs_endpoint_url: str | None = None,
        without: Sequence[str] = (),
    ) -> None:
        """Describe an emulator without touching anything.

        Args:
            local_dir: The runtime's folder (`.local`).
            port: The port of every AWS API on 127.0.0.1.
            ivs_endpoint_url: Where the IVS API of the video stand-in listens; handlers get it as
                `AWS_ENDPOINT_URL_IVS`, and templates may then hold IVS channels.
            without: Names of patches to leave out, for the tests that show what each one mends.
        """
        self.local_dir = local_dir.absolute()
        self.port = port
        self.ivs_endpoint_url = ivs_endpoint_url
        # Where handlers reach AWS when that is not the emulator itself: a proxy that breaks things.
        self.functions_endpoint_url: str | None = None
        # How far functions' clocks are off at most, each by its own amount.
        self.clock_skew_seconds = 0.0
        self.without = tuple(without)
        self.state_dir = self.local_dir / "state" / "aws"
        self.log_path = self.local_dir / "logs" / "emulator.log"
        self.pid_path = self.local_dir / "run" / "emulator.pid"
        self._scratch = self.local_dir / "tmp" / "aws"

    @property
    def endpoint_url(self) -> str:
        """The address of every AWS API, as `AWS_ENDPOINT_URL` wants it."""
        return f"http://{HOST}:{self.port}"

    def credentials(self) -> dict[str, str]:
        """Give the keyword arguments of a `boto3.Session` that talks to this emulator."""
        return {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": REGION}

    def client_environment(self) -> dict[str, str]:
        """Give the variables with which boto3 and the CDK CLI talk to this emulator alone."""
        environment = {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        if self.ivs_endpoint_url:
            environment["AWS_ENDPOINT_URL_IVS"] = self.ivs_endpoint_url
        return environment

    def running_pid(self) -> int | None:
        """Return the process id of the emulator that runs on this folder, if one does."""
        return recorded_pid(self.pid_path, _LAUNCHER)

    def start(self, progress: Progress = lambda _line: None) -> None:
        """Start the emulator and return once it answers.

        Args:
            progress: Called with a line of text before each slow step.

        Raises:
            EmulatorError: When it runs already, its port is taken, or it does not come up.
            EnvironmentBuildError: When its Python environment cannot be built.
        """
        if (pid := self.running_pid()) is not None:
            raise EmulatorError(f"The AWS emulator runs already (pid {pid}); stop it first")
        self._require_free_port()
        interpreter = ensure_environment(self.local_dir, progress)
        progress("Starting the AWS emulator")
        shutil.rmtree(self._scratch, ignore_errors=True)
        for folder in (self.state_dir, self._scratch, self.log_path.parent, self.pid_path.parent):
            folder.mkdir(parents=True, exist_ok=True)
        pid = spawn_detached(
            [str(interpreter), "-m", _LAUNCHER], self._launcher_environment(), self.log_path
        )
        record_pid(self.pid_path, pid)
        try:
            self._wait_until_healthy(pid)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> bool:
        """Stop the emulator so that its state is saved; kill it if it takes too long.

        Returns:
            Whether it ended by itself, with its state saved. True when none ran.
        """
        pid = self.running_pid()
        clean = terminate(pid, grace_seconds=STOP_SECONDS) if pid is not None else True
        self.pid_path.unlink(missing_ok=True)
        shutil.rmtree(self._scratch, ignore_errors=True)
        return clean

    def save(self) -> None:
        """Write the state to disk now, so that even a kill loses nothing that came before."""
        httpx.post(f"{self.endpoint_url}/_ayinel/save", timeout=STOP_SECONDS).raise_for_status()

    def warm(self) -> int:
        """Load every deployed function, so that nobody waits for cold starts.

        Returns:
            How many functions are ready.
        """
        answer = httpx.post(f"{self.endpoint_url}/_ayinel/warm", timeout=WARM_SECONDS)
        ready: int = answer.raise_for_status().json()["functions"]
        return ready

    def _require_free_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, self.port))
            except OSError as error:
                raise EmulatorError(
                    f"Port {self.port} is taken by another program; stop it or choose another port"
                ) from error

    def _launcher_environment(self) -> dict[str, str]:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(_REPOSITORY),
            "HOME": str(self._scratch),
            "TMPDIR": str(self._scratch),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": HOST,
            "MINISTACK_HOST": "localhost",
            "MINISTACK_REGION": REGION,
            "LAMBDA_EXECUTOR": "local",
            "LAMBDA_WARM_TTL_SECONDS": "60",
            "DOCKER_HOST": "unix:///nonexistent",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self.state_dir),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self.state_dir / "s3"),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "AYINEL_EMULATOR_CACHE": str(self.local_dir / "cache" / "lambda"),
            "AYINEL_EMULATOR_WITHOUT": ",".join(self.without),
        }
        if self.ivs_endpoint_url:
            environment["AWS_ENDPOINT_URL_IVS"] = self.ivs_endpoint_url
        if self.clock_skew_seconds:
            environment["AYINEL_CLOCK_SKEW_SECONDS"] = str(self.clock_skew_seconds)
        if self.functions_endpoint_url:
            environment["AYINEL_FUNCTIONS_ENDPOINT_URL"] = self.functions_endpoint_url
        return environment

    def _wait_until_healthy(self, pid: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self._answering_pid() != pid:
            if not is_alive(pid):
                raise EmulatorError(f"The AWS emulator died: {self._last_words()}")
            if time.monotonic() > deadline:
                raise EmulatorError(
                    f"The AWS emulator did not answer within {START_SECONDS:.0f} s; "
                    f"see {self.log_path}"
                )
            time.sleep(0.05)

    def _answering_pid(self) -> int | None:
        with contextlib.suppress(httpx.HTTPError, ValueError, KeyError):
            pid: int = httpx.get(f"{self.endpoint_url}/_ayinel/health", timeout=1).json()["pid"]
            return pid
        return None

    def _last_words(self) -> str:
        lines = self.log_path.read_text(errors="replace").strip().splitlines()
        return f"{lines[-1] if lines else 'it said nothing'} ({self.log_path})"
