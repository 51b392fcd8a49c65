"""Logs of functions stay of a size that a machine can hold.

Upstream (services/lambda_svc.py, `_emit_lambda_logs`) begins a new log stream for every invocation
and keeps all of them, in memory and in the saved state; a chat of an evening makes a million.
"""

from typing import Any

from ministack.services import cloudwatch_logs, lambda_svc

STREAMS_KEPT = 200


def apply() -> None:
    """Forget a group's oldest streams once it has too many."""
    emit = lambda_svc._emit_lambda_logs

    def emit_within_limits(func: dict[str, Any], *arguments: Any, **named: Any) -> None:
        emit(func, *arguments, **named)
        config = func.get("config") or func
        name = (config.get("LoggingConfig") or {}).get("LogGroup")
        group = cloudwatch_logs._log_groups.get(name or f"/aws/lambda/{config['FunctionName']}")
        streams = (group or {}).get("streams", {})
        if len(streams) > STREAMS_KEPT:
            for stream in list(streams)[: len(streams) - STREAMS_KEPT]:
                streams.pop(stream, None)

    lambda_svc._emit_lambda_logs = emit_within_limits
