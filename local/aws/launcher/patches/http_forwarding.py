"""An HTTP API's event tells where the request came from and holds its cookies.

Upstream (services/apigateway.py, `_invoke_lambda_proxy`) names 127.0.0.1 as every caller, adds no
`x-forwarded-*` headers, and leaves cookies in the headers only.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import os
from typing import Any

from ministack.core.responses import get_request_client_ip
from ministack.services import apigateway


def apply() -> None:
    """Complete the event on its way from the gateway to the function."""
    run = apigateway.run_reentrant

    async def run_completed(function: Any, *arguments: Any, **named: Any) -> Any:
        if named.get("thread_name") == "ministack-apigw-invoke":
            _complete(arguments[1])
        return await run(function, *arguments, **named)

    apigateway.run_reentrant = run_completed


def _complete(event: dict[str, Any]) -> None:
    caller = get_request_client_ip() or "127.0.0.1"
    headers = event["headers"]
    event["requestContext"]["http"]["sourceIp"] = caller
    before = [headers["x-forwarded-for"]] if "x-forwarded-for" in headers else []
    headers["x-forwarded-for"] = ", ".join([*before, caller])
    headers.setdefault("x-forwarded-proto", "http")
    headers.setdefault("x-forwarded-port", os.environ["GATEWAY_PORT"])
    if "cookie" in headers:
        event["cookies"] = [cookie.strip() for cookie in headers.pop("cookie").split(";")]
