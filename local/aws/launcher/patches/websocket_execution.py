"""WebSocket frames are handled at the same time, and their functions' logs are kept.

Upstream (services/apigateway.py, `_invoke_ws_lambda`) takes a worker without leasing it
(`get_or_create_worker`), so that all sockets of a function wait for one process, and writes
nothing to CloudWatch Logs.
"""

from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc


class _Execution:
    """Stands where upstream expects a worker, and runs the function as any other caller does."""

    def __init__(self, config: dict[str, Any], code_zip: bytes) -> None:
        self._function = {"config": config, "code_zip": code_zip}

    def invoke(self, event: dict[str, Any], _request_id: str) -> dict[str, Any]:
        """Run the function with a lease, a log and the account's limits."""
        result = lambda_svc._execute_function(self._function, event)
        if result.get("error"):
            # An answer without a status would count as accepted by `$connect`.
            return {"status": "ok", "result": {"statusCode": 502, "failed": True}}
        return {"status": "ok", "result": result.get("body") or {}}


def apply() -> None:
    """Replace the worker that is taken for each frame."""

    def execution(
        _name: str, config: dict[str, Any], code_zip: bytes, qualifier: str = "$LATEST"
    ) -> _Execution:
        return _Execution(config, code_zip)

    lambda_runtime.get_or_create_worker = execution
