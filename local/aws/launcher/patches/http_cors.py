"""An HTTP API's CORS configuration from a template works.

Upstream (services/cloudformation/provisioners.py, `_apigw_v2_api_create` and `_update`) stores
`CorsConfiguration` with the template's capitals, while the data plane (services/apigateway.py,
`_cors_preflight_response`) reads the API's lower-case names: every preflight is a 403.
"""

from typing import Any

from ministack.services.cloudformation import provisioners

Properties = dict[str, Any]


def apply() -> None:
    """Spell the configuration as the API does before it is stored."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    create, update = handlers["create"], handlers["update"]

    def create_spelled(logical_id: str, properties: Properties, stack: str) -> Any:
        return create(logical_id, _spelled(properties), stack)

    def update_spelled(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> Any:
        return update(physical_id, old, _spelled(new), stack, logical_id)

    handlers.update(create=create_spelled, update=update_spelled)


def _spelled(properties: Properties) -> Properties:
    cors = properties.get("CorsConfiguration")
    if not cors:
        return properties
    spelled = {name[0].lower() + name[1:]: value for name, value in cors.items()}
    if "allowCredentials" in spelled:
        spelled["allowCredentials"] = str(spelled["allowCredentials"]).lower() == "true"
    return {**properties, "CorsConfiguration": spelled}
