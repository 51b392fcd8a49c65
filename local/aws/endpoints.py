"""Where an API of the deployed stack is reached on this machine."""

import re

# The emulator's own attribute values end in `localhost`, CDK's in `amazonaws.com`.
_API_HOST = re.compile(
    r"(?P<scheme>http|ws)s?://(?P<api>[a-z0-9]+)\.execute-api\."
    r"(?:localhost|[a-z0-9.-]+\.amazonaws\.com)(?::\d+)?(?=/|$)"
)


def on_this_machine(value: str, endpoint_url: str) -> str:
    """Turn the AWS address of an HTTP or WebSocket API into the emulator's.

    Args:
        value: Any stack output; only addresses of API Gateway are changed.
        endpoint_url: The emulator's endpoint, such as `http://127.0.0.1:4566`.

    Returns:
        The address with host and prefix of the emulator, or the value as it was.
    """
    authority = endpoint_url.split("://", 1)[1].rstrip("/")
    return _API_HOST.sub(
        lambda found: f"{found['scheme']}://{authority}/_aws/execute-api/{found['api']}",
        value,
    )
