"""Who runs an invocation: a warm worker, one that will be free soon, or a new one.

AWS starts a new environment whenever none is free. On one machine that is the slower way: a new
process costs half a second of a core, while most handlers are done within milliseconds.
"""

import logging
import os
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local.aws.launcher.worker import PythonWorker, WorkerError

logger = logging.getLogger("ayinel.workers")

WORKERS_FOR_EACH_FUNCTION = 4
# How long an invocation waits for a worker before it gets one of its own.
BRIEF_WAIT_SECONDS = 0.03
# At the limit it waits longer, but not for ever: a handler may be waiting for this very call.
LONG_WAIT_SECONDS = 3.0
# Where even that many are busy, the machine is: one more process each three seconds for every
# invocation that waits would take what is left of it.
MOST_WORKERS_FOR_EACH_FUNCTION = 8
LONGEST_WAIT_SECONDS = 60.0

_lock = lambda_runtime._lock
# Whoever waits for a worker is woken by those of its own function alone.
_waiting: defaultdict[str, threading.Condition] = defaultdict(lambda: threading.Condition(_lock))


def lease(config: dict[str, Any], code_zip: bytes) -> PythonWorker:
    """Take a worker for one invocation; `give_back` must follow.

    Args:
        config: The function's configuration.
        code_zip: Its code.

    Returns:
        A worker that nobody else uses.
    """
    name, version = config["FunctionName"], config.get("Version", "$LATEST")
    key = lambda_runtime._worker_key(name, config, version)
    began = time.monotonic()
    with _lock:
        while True:
            pool = lambda_runtime._workers.setdefault(key, [])
            worker: PythonWorker | None = next((one for one in pool if not one.in_use), None)
            left = _patience_seconds(len(pool)) - (time.monotonic() - began)
            if worker is None and left <= 0:
                worker = PythonWorker(name, config, code_zip)
                pool.append(worker)
            if worker is not None:
                worker.in_use, worker.last_used, worker.pool_key = True, time.time(), key
                return worker
            _waiting[key].wait(left)


def give_back(worker: PythonWorker) -> None:
    """Let somebody else have a worker.

    Args:
        worker: What `lease` returned.
    """
    with _lock:
        worker.in_use, worker.last_used = False, time.time()
        _waiting[worker.pool_key].notify()


def _patience_seconds(workers: int) -> float:
    if workers == 0:
        return 0.0
    if workers < WORKERS_FOR_EACH_FUNCTION:
        return BRIEF_WAIT_SECONDS
    return LONG_WAIT_SECONDS if workers < MOST_WORKERS_FOR_EACH_FUNCTION else LONGEST_WAIT_SECONDS


def warm_all() -> int:
    """Start a worker of every Python function that has none, as many at once as there are cores.

    Returns:
        How many functions are ready.
    """
    functions = [function for _key, function in list(lambda_svc._functions._data.items())]
    with ThreadPoolExecutor(os.cpu_count()) as starters:
        return sum(starters.map(_warm, functions))


def _warm(function: dict[str, Any]) -> bool:
    config, code_zip = function["config"], function.get("code_zip")
    if not is_python(config) or not code_zip:
        return False
    # The scope is a thread's own, and layers are looked up in it.
    worker = lease(config, code_zip)
    try:
        lambda_svc._run_with_function_config_scope(config, worker.start)
    except WorkerError as error:
        logger.warning("%s cannot be loaded: %s", config["FunctionName"], error)
        return False
    finally:
        give_back(worker)
    return True


def is_python(config: dict[str, Any]) -> bool:
    """Say whether a function runs in our workers.

    Args:
        config: The function's configuration.
    """
    return str(config.get("Runtime", "")).startswith("python")
