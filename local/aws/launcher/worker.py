"""One Lambda execution environment: a process that loads a function and answers invocations."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from ministack.core import lambda_runtime
from ministack.core.responses import new_uuid
from ministack.services import lambda_svc

from local.aws.launcher.unpacked import runtime_packages, unpack

# AWS gives the init phase ten seconds; two shared cores need more when all functions start at once.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
INIT_SECONDS = 30.0
_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
_LOG_BYTES = 1 << 20
_READ_BYTES = 1 << 16
# What a handler inherits of the launcher's environment; the rest is none of its business.
_INHERITED = (
    *("PATH", "LANG", "TZ", "TMPDIR"),
    *("AWS_ENDPOINT_URL_IVS", "AYINEL_CLOCK_SKEW_SECONDS"),
)


def start_by_itself(cwd: str, environment: dict[str, str], log: BinaryIO) -> Any:
    """Start a worker's process with an interpreter of its own.

    Args:
        cwd: The folder it works in.
        environment: All of its environment.
        log: Takes what it prints.

    Returns:
        The process, with pipes for its requests and answers.
    """
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(_BOOTSTRAP)],
        cwd=cwd,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        bufsize=0,
    )


def learn_nothing(_environment: dict[str, str], _modules: list[str]) -> None:
    """Forget what a worker had to load."""


# How a worker's process is started, and who is told what it had to load; see `worker_templates`.
start_process: Callable[[str, dict[str, str], BinaryIO], Any] = start_by_itself
learn: Callable[[dict[str, str], list[str]], None] = learn_nothing


class WorkerError(Exception):
    """An invocation that ended without an answer of the handler: a crash or a time-out."""

    def __init__(self, error_type: str, message: str) -> None:
        """Take what AWS would call the error, and what it would say."""
        super().__init__(message)
        self.error_type = error_type


class PythonWorker(lambda_runtime.Worker):  # type: ignore[misc]  # MiniStack ships no types
    """A warm process of one Python function; MiniStack's pool leases it to one call at a time."""

    def __init__(self, func_name: str, config: dict[str, Any], code_zip: bytes) -> None:
        """Describe the worker; its process starts with the first invocation."""
        super().__init__(func_name, config, code_zip)
        self._proc: Any
        self.pool_key = ""
        self._log_path: Path | None = None
        self._log_read = 0

    def invoke(
        self,
        event: Any,
        request_id: str,
        *,
        trace_id: str | None = None,
        invoked_function_arn: str | None = None,
        **_ignored: Any,
    ) -> dict[str, Any]:
        """Run the handler once.

        Args:
            event: The payload, any JSON.
            request_id: The id of this invocation.
            trace_id: The X-Ray header, if tracing is on.
            invoked_function_arn: The ARN that was called.

        Returns:
            `{"result": …, "log": …}` or `{"fault": …, "log": …}` in AWS's error shape.
        """
        timeout = float(self.config.get("Timeout", 3))
        with self._lock:
            try:
                self._ensure_running()
                invocation = {
                    "event": event,
                    "request_id": request_id,
                    "trace_id": trace_id,
                    "function_arn": invoked_function_arn or self.config.get("FunctionArn", ""),
                    "deadline_seconds": time.time() + timeout,
                }
                answer = self._exchange(json.dumps(invocation).encode() + b"\n", timeout)
            except WorkerError as error:
                self._end()
                message = f"RequestId: {request_id} Error: {error}"
                answer = {"fault": {"errorType": error.error_type, "errorMessage": message}}
            return {**answer, "log": self._new_log_text()}

    def start(self) -> None:
        """Load the function now, so that its first invocation need not wait for that.

        Raises:
            WorkerError: When it cannot be loaded.
        """
        with self._lock:
            self._ensure_running()

    def _ensure_running(self) -> None:
        if self._proc is None or self._proc.poll() is not None:
            self._spawn()

    def _spawn(self) -> None:
        self._discard_tmpdir()
        self._tmpdir = tempfile.mkdtemp(prefix="worker-")
        self._log_path = Path(self._tmpdir) / "log"
        self._log_read = 0
        code = unpack(self.code_zip)
        environment = self._environment(code)
        with self._log_path.open("ab") as log:
            self._proc = start_process(str(code), environment, log)
        ready = self._exchange(b"", INIT_SECONDS)
        if "fault" in ready:
            raise WorkerError(ready["fault"]["errorType"], ready["fault"]["errorMessage"])
        learn(environment, ready["loaded"])

    def _exchange(self, request: bytes, timeout_seconds: float) -> dict[str, Any]:
        """Hand one line to the process and wait for one line of it."""
        process = self._proc
        try:
            process.stdin.write(request)
        except BrokenPipeError as error:
            raise WorkerError("Runtime.ExitError", "Runtime exited without an answer") from error
        deadline = time.monotonic() + timeout_seconds
        ready = select.poll()
        ready.register(process.stdout, select.POLLIN | select.POLLHUP)
        received = b""
        while not received.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not ready.poll(left * 1000):
                raise WorkerError(
                    "Sandbox.Timedout", f"Task timed out after {timeout_seconds:.2f} seconds"
                )
            chunk = os.read(process.stdout.fileno(), _READ_BYTES)
            if not chunk:
                raise WorkerError("Runtime.ExitError", "Runtime exited without an answer")
            received += chunk
        answer: dict[str, Any] = json.loads(received)
        return answer

    def _end(self) -> None:
        process, self._proc = self._proc, None
        if process is not None:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdin.close()
            process.stdout.close()

    def _new_log_text(self) -> str:
        """Read what was printed since the last invocation; the answer came after all of it."""
        if self._log_path is None:
            return ""
        with self._log_path.open("r+b") as log:
            log.seek(self._log_read)
            text = log.read()
            self._log_read += len(text)
            if self._log_read > _LOG_BYTES:
                log.truncate(0)
                self._log_read = 0
        return text.decode(errors="replace").rstrip("\n")

    def _layers(self) -> list[str]:
        archives = map(lambda_svc._resolve_layer_zip, self.config.get("Layers", []))
        # A later layer wins over an earlier one, so it comes first on the path.
        return [str(unpack(archive)) for archive in archives if archive][::-1]

    def _environment(self, code: Path) -> dict[str, str]:
        """Build what AWS defines, then what the function defines.

        https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
        """
        config = self.config
        _account, region = lambda_runtime._account_region_from_function_config(config)
        variables: dict[str, str] = (config.get("Environment") or {}).get("Variables") or {}
        name = config["FunctionName"]
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
        return {
            **{key: os.environ[key] for key in _INHERITED if key in os.environ},
            "AWS_ENDPOINT_URL": os.environ.get(
                "AYINEL_FUNCTIONS_ENDPOINT_URL", f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"
            ),
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            **variables,
            **lambda_runtime.execution_credentials(config),
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{config['Runtime']}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": group,
            "AWS_LAMBDA_LOG_STREAM_NAME": time.strftime("%Y/%m/%d/[$LATEST]") + new_uuid(),
            "LAMBDA_TASK_ROOT": str(code),
            "LAMBDA_RUNTIME_DIR": str(runtime_packages()),
            "AYINEL_LAYERS": os.pathsep.join(self._layers()),
            "_HANDLER": config["Handler"],
        }


def end_workers() -> None:
    """End every worker at once; the state is saved by now and nobody waits for an answer."""
    with lambda_runtime._lock:
        workers = [worker for pool in lambda_runtime._workers.values() for worker in pool]
    for worker in workers:
        if worker._proc is not None:
            worker._proc.kill()
