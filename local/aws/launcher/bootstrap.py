"""What runs inside a worker process: Lambda's Python runtime, as far as handlers can see it.

It is run by its path with `-I -S`, so that nothing but the standard library is in reach until the
function's code, its layers and the packages of AWS's own runtime are put on the path, in that
order: a package that a layer forgot is missing here as it is on AWS.
https://docs.aws.amazon.com/lambda/latest/dg/python-package.html#python-package-searchpath

Started with a socket's number, the process is a template instead, which forks workers as told.

One line of JSON comes in for each invocation and one goes out. What the handler prints, on
either channel and at any level, goes to the worker's log.
"""

import datetime
import gc
import importlib
import json
import os
import random
import signal
import site
import socket
import sys
import time
import traceback
from typing import Any

_ORDER_BYTES = 1 << 18
_true_time = time.time
_TrueDatetime = datetime.datetime


class Context:
    """The second argument of a handler.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    identity = None
    client_context = None

    def __init__(self, invocation: dict[str, Any]) -> None:
        """Describe one invocation from its envelope."""
        environment = os.environ
        self.function_name = environment["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = environment["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = environment["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = environment["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.aws_request_id = invocation["request_id"]
        self.invoked_function_arn = invocation["function_arn"]
        self._deadline_seconds = invocation["deadline_seconds"]

    def get_remaining_time_in_millis(self) -> int:
        """Say how many milliseconds are left before the invocation is ended."""
        return max(0, int((self._deadline_seconds - _true_time()) * 1000))


def main(standard_path: list[str]) -> None:
    """Load the handler, then answer invocations until the emulator hangs up.

    Args:
        standard_path: Where the standard library is.
    """
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for channel in (sys.stdout, sys.stderr):
        channel.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # text by default

    def answer(document: dict[str, Any]) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        answers.write(json.dumps(document).encode() + b"\n")
        answers.flush()

    if skew := os.environ.get("AYINEL_CLOCK_SKEW_SECONDS"):
        _skew_clock(float(skew))
    try:
        _set_path(standard_path, os.environ["LAMBDA_TASK_ROOT"])
        handler = _load_handler()
    except BaseException as error:
        answer({"fault": _fault(error, "Runtime.ImportModuleError")})
        raise
    answer({"loaded": _modules_of_base_layer()})
    for line in requests:
        answer(_invoke(handler, json.loads(line)))


def serve_forks(control: socket.socket, standard_path: list[str]) -> None:
    """Load modules and fork workers as told, until the emulator hangs up.

    Args:
        control: Brings one order a message: modules to load, or a worker with its channels.
        standard_path: Where the standard library is.
    """
    _set_path(standard_path)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, channels, _flags, _address = socket.recv_fds(control, _ORDER_BYTES, 3)
        if not message:
            return
        order = json.loads(message)
        if "load" in order:
            _load(order["load"])
            continue
        pid = os.fork()
        if pid == 0:
            control.close()
            _become_worker(order, channels)
            main(standard_path)
            return
        for channel in channels:
            os.close(channel)
        control.send(str(pid).encode())


def _become_worker(order: dict[str, Any], channels: list[int]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, channel in enumerate(channels):
        os.dup2(channel, number)
        os.close(channel)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()


def _load(modules: list[str]) -> None:
    """Import what workers will import; what fails here will tell why when they do."""
    for module in modules:
        try:
            importlib.import_module(module)
        except Exception:
            traceback.print_exc()
    gc.collect()
    # Objects that the collector never visits stay shared with the workers.
    gc.freeze()


def _skew_clock(seconds: float) -> None:
    """Set this process's clock wrong, as each machine's is by an amount of its own.

    Args:
        seconds: The most that it is fast or slow by.
    """
    offset = random.uniform(-seconds, seconds)  # noqa: S311  no secret
    true_time_ns = time.time_ns

    class TrueInstances(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, _TrueDatetime)

    class SkewedDatetime(_TrueDatetime, metaclass=TrueInstances):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return _TrueDatetime.fromtimestamp(_true_time() + offset, tz)

        @classmethod
        def utcnow(cls) -> Any:
            return cls.now(datetime.UTC).replace(tzinfo=None)

    time.time = lambda: _true_time() + offset
    time.time_ns = lambda: true_time_ns() + int(offset * 1e9)
    datetime.datetime = SkewedDatetime  # type: ignore[misc]  # before anybody has imported it


def _set_path(standard_path: list[str], *first: str) -> None:
    layers = os.environ["AYINEL_LAYERS"].split(os.pathsep)
    packages = f"python/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    candidates = [f"{layer}/{part}" for layer in layers for part in (packages, "python")]
    sys.path[:] = first
    for candidate in filter(os.path.isdir, candidates):
        site.addsitedir(candidate)
    sys.path.extend([*standard_path, os.environ["LAMBDA_RUNTIME_DIR"]])


def _modules_of_base_layer() -> list[str]:
    base = os.environ["AYINEL_LAYERS"].rpartition(os.pathsep)[2] + "/"
    return [
        name
        for name, module in list(sys.modules.items())
        if (getattr(module, "__file__", None) or "").startswith(base)
    ]


def _load_handler() -> Any:
    module, _, name = os.environ["_HANDLER"].replace("/", ".").rpartition(".")
    return getattr(importlib.import_module(module), name)


def _invoke(handler: Any, invocation: dict[str, Any]) -> dict[str, Any]:
    if invocation["trace_id"]:
        os.environ["_X_AMZN_TRACE_ID"] = invocation["trace_id"]
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    try:
        result = handler(invocation["event"], Context(invocation))
    except Exception as error:
        traceback.print_exc()
        return {"fault": _fault(error, type(error).__name__)}
    try:
        json.dumps(result)
    except (TypeError, ValueError) as error:
        return {"fault": _fault(error, "Runtime.MarshalError")}
    return {"result": result}


def _fault(error: BaseException, error_type: str) -> dict[str, Any]:
    return {
        "errorMessage": str(error),
        "errorType": error_type,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


if __name__ == "__main__":
    standard = sys.path[:]
    if len(sys.argv) > 1:
        serve_forks(socket.socket(fileno=int(sys.argv[1])), standard)
    else:
        main(standard)
