"""AWS clients: one botocore session a process, each client made on first use.

Importing botocore and making a client costs more CPU than most requests; a function that does not
reach a service on some path never pays for it. Endpoints and credentials come from botocore's
environment variables.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from ayinel_live.runtime.deadline import begin_nothing_too_late
from ayinel_live.runtime.redaction import remember_secrets

if TYPE_CHECKING:
    from botocore.config import Config

# Two attempts in vain fit into the shortest time-out of a function that somebody waits for (10 s of
# a chat frame, 15 s of a request); what would not be answered in time any more is not begun.
CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 2.5
ATTEMPTS = 3
_TABLE_ATTEMPTS = 4

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
    connect_timeout_seconds: float = CONNECT_SECONDS,
    read_timeout_seconds: float = ANSWER_SECONDS,
    attempts: int = ATTEMPTS,
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
    client = session.create_client(service, config=config, endpoint_url=endpoint_url)
    begin_nothing_too_late(client, connect_timeout_seconds + read_timeout_seconds)
    if service == "secretsmanager":
        _keep_out_of_logs(client)
    return client


def _keep_out_of_logs(client: Any) -> None:
    """Have the log know every secret that is read or written through a client."""

    def learn_read(parsed: dict[str, Any], **_: object) -> None:
        remember_secrets(parsed.get("SecretString"))

    def learn_written(params: dict[str, Any], **_: object) -> None:
        remember_secrets(params.get("SecretString"))

    client.meta.events.register("after-call.secrets-manager.GetSecretValue", learn_read)
    client.meta.events.register("provide-client-params.secrets-manager.*", learn_written)


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
        connect_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS,
        retries={"total_max_attempts": _TABLE_ATTEMPTS, "mode": "standard"},
    )
    client = _session(where).create_client("dynamodb", config=config)
    begin_nothing_too_late(client, CONNECT_SECONDS + ANSWER_SECONDS)
    return client
