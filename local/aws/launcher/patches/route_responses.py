"""Templates may hold the route responses of a WebSocket API.

Upstream has the service's operations (services/apigateway.py, `_create_route_response`) but not
the type (services/cloudformation/provisioners.py, `_RESOURCE_HANDLERS`), which CDK's
`return_response` makes.
"""

import json
from typing import Any

from ministack.services import apigateway

from local.aws.launcher.resources import Attributes, Properties, register

_SEPARATOR = "/"


def apply() -> None:
    """Register the type."""
    register("AWS::ApiGatewayV2::RouteResponse", create=_create, update=_replace, delete=_delete)


def _create(properties: Properties) -> tuple[str, Attributes]:
    api = properties["ApiId"]
    # Upstream's `Ref` of a route holds the API's id too.
    route = properties["RouteId"].rpartition(_SEPARATOR)[2]
    request: dict[str, Any] = {
        name[0].lower() + name[1:]: value
        for name, value in properties.items()
        if name not in {"ApiId", "RouteId"}
    }
    status, _headers, body = apigateway._create_route_response(api, route, request)
    if status >= 400:
        raise ValueError(f"AWS::ApiGatewayV2::RouteResponse create failed: {body!r}")
    response = json.loads(body)["routeResponseId"]
    return _SEPARATOR.join((api, route, response)), {"RouteResponseId": response}


def _replace(_id: str, _old: Properties, properties: Properties) -> tuple[str, Attributes]:
    return _create(properties)


def _delete(physical_id: str) -> None:
    apigateway._delete_route_response(*physical_id.split(_SEPARATOR))
