"""Python functions run in workers of ours.

Upstream's worker (core/lambda_runtime.py, class Worker) waits 50 ms for log lines after every
invocation that printed nothing (`_drain_stderr_bounded`), ends the process when a handler raises
(so each poison message costs a cold start), unpacks the code and every layer once for each
process, hands the emulator's own variables and packages to handlers, and calls every error
`Runtime.HandlerError`.
"""

from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local.aws.launcher.worker import PythonWorker


def apply() -> None:
    """Let the pool make workers of ours for Python and run them as AWS does."""
    class_for, execute_warm = lambda_runtime._worker_class_for, lambda_svc._execute_function_warm

    def worker_class(config: dict[str, Any]) -> Any:
        return PythonWorker if _is_python(config) else class_for(config)

    def execute(func: dict[str, Any], event: Any, request_id: str) -> Any:
        config = func.get("config") or func
        if not _is_python(config) or not func.get("code_zip"):
            return execute_warm(func, event, request_id)
        return _execute(config, func["code_zip"], event, request_id)

    lambda_runtime._worker_class_for = worker_class
    lambda_svc._execute_function_warm = execute


def _is_python(config: dict[str, Any]) -> bool:
    return str(config.get("Runtime", "")).startswith("python")


def _execute(
    config: dict[str, Any], code_zip: bytes, event: Any, request_id: str
) -> dict[str, Any]:
    lambda_svc._ensure_reaper_thread()
    worker, _reason = lambda_runtime.acquire_worker(
        config["FunctionName"], config, code_zip, qualifier=config.get("Version", "$LATEST")
    )
    try:
        answer = worker.invoke(
            event,
            request_id,
            trace_id=lambda_svc._xray_trace_id_for_invocation(config),
            invoked_function_arn=config.get("FunctionArn", ""),
        )
    finally:
        lambda_runtime.release_worker(worker)
    if "fault" in answer:
        return {"body": answer["fault"], "error": True, "log": answer["log"]}
    return {"body": answer["result"], "log": answer["log"]}
