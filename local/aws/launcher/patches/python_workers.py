"""Python functions run in workers of ours.

Upstream's worker (core/lambda_runtime.py, class Worker) waits 50 ms for log lines after every
invocation that printed nothing (`_drain_stderr_bounded`), ends the process when a handler raises
(so each poison message costs a cold start), unpacks the code and every layer once for each
process, hands the emulator's own variables and packages to handlers, and calls every error
`Runtime.HandlerError`.
"""

from typing import Any

from ministack.services import lambda_svc

from local.aws.launcher.pool import give_back, is_python, lease


def apply() -> None:
    """Run Python functions in our workers, and whatever else there is in upstream's."""
    execute_warm = lambda_svc._execute_function_warm

    def execute(func: dict[str, Any], event: Any, request_id: str) -> Any:
        config = func.get("config") or func
        if not is_python(config) or not func.get("code_zip"):
            return execute_warm(func, event, request_id)
        return _execute(config, func["code_zip"], event, request_id)

    lambda_svc._execute_function_warm = execute


def _execute(
    config: dict[str, Any], code_zip: bytes, event: Any, request_id: str
) -> dict[str, Any]:
    lambda_svc._ensure_reaper_thread()
    worker = lease(config, code_zip)
    try:
        answer = worker.invoke(
            event,
            request_id,
            trace_id=lambda_svc._xray_trace_id_for_invocation(config),
            invoked_function_arn=config.get("FunctionArn", ""),
        )
    finally:
        give_back(worker)
    if "fault" in answer:
        return {"body": answer["fault"], "error": True, "log": answer["log"]}
    return {"body": answer["result"], "log": answer["log"]}
