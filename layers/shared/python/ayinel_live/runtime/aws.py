"""AWS clients: one botocore session a process, each client made on first use.

Making a client costs more CPU than most requests; a function that does not reach a service on some
path never pays for it. Endpoints and credentials come from botocore's environment variables.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.config import Config


@cache
def _session() -> Any:
    import botocore.session

    return botocore.session.get_session()


@cache
def aws_client(
    service: str,
    *,
    connect_timeout_seconds: float = 2.0,
    read_timeout_seconds: float = 5.0,
    attempts: int = 3,
    endpoint_url: str | None = None,
) -> Any:
    """Return the process's client of a service.

    Args:
        service: botocore's name, such as `sqs`.
        connect_timeout_seconds: Time to connect.
        read_timeout_seconds: Time between bytes of an answer.
        attempts: Tries in all, with botocore's `standard` back-off.
        endpoint_url: An endpoint other than the environment's.
    """
    from botocore.config import Config

    config: Config = Config(
        connect_timeout=connect_timeout_seconds,
        read_timeout=read_timeout_seconds,
        retries={"total_max_attempts": attempts, "mode": "standard"},
    )
    return _session().create_client(service, config=config, endpoint_url=endpoint_url)
