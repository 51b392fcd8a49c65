"""A frame is answered only where its route says so, and never with a handler's error text.

Upstream (services/apigateway.py, `handle_websocket`) sends the client whatever `body` the function
returns, and the text of the exception when it raises. API Gateway answers on routes with a route
response only, and names the failed request when the integration fails.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-response.html
"""

import json
from typing import Any

from ministack.services import apigateway

_ROUTE, _CONNECTION_ID, _EVENT_TYPE, _REQUEST_ID = 3, 5, 6, 7


def apply() -> None:
    """Take the body out of answers that must not reach the client."""
    invoke = apigateway._invoke_ws_lambda

    async def invoke_for_route(*arguments: Any, **named: Any) -> Any:
        answer = await invoke(*arguments, **named)
        if arguments[_EVENT_TYPE] != "MESSAGE" or not isinstance(answer, dict):
            return answer
        if answer.get("failed"):
            failure = {
                "message": "Internal server error",
                "connectionId": arguments[_CONNECTION_ID],
                "requestId": arguments[_REQUEST_ID],
            }
            return {"statusCode": 500, "body": json.dumps(failure)}
        if arguments[_ROUTE].get("routeResponseSelectionExpression"):
            return answer
        return {**answer, "body": None}

    apigateway._invoke_ws_lambda = invoke_for_route
