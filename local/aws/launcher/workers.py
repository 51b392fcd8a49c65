"""The processes in which Lambda handlers run."""

from ministack.core import lambda_runtime


def end_workers() -> None:
    """End every worker at once; the state is saved by now and nobody waits for an answer."""
    with lambda_runtime._lock:
        workers = [worker for pool in lambda_runtime._workers.values() for worker in pool]
    for worker in workers:
        if worker._proc is not None:
            worker._proc.kill()
