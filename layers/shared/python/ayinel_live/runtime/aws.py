"""AWS clients: one botocore session a process, each client made on first use.

Importing botocore and making a client costs more CPU than most requests; a function that does not
reach a service on some path never pays for it. Endpoints and credentials come from botocore's
environment variables.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.config import Config

Surroundings = tuple[str | None, ...]

# What decides where a request goes and whose it is. It stays the same while a function lives.
_VARIABLES = (
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
)


def surroundings() -> Surroundings:
    """Return what decides where requests go, for those who keep clients by it."""
    return tuple(os.environ.get(name) for name in _VARIABLES)


@cache
def _session(_surroundings: Surroundings) -> Any:
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
    session = _session(surroundings())
    return session.create_client(service, config=config, endpoint_url=endpoint_url)


@cache
def tables_client(where: Surroundings) -> Any:
    """Return the DynamoDB client that all item classes share.

    Args:
        where: From `surroundings`; each place has a client of its own.
    """
    from botocore.config import Config

    config: Config = Config(
        # PynamoDB's arguments are checked by PynamoDB.
        parameter_validation=False,
        connect_timeout=2.0,
        read_timeout=5.0,
        retries={"total_max_attempts": 4, "mode": "standard"},
    )
    return _session(where).create_client("dynamodb", config=config)
