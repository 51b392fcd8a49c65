"""Where the two APIs are reached: by people through the public door, by functions directly."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Aws

from ayinel_live.runtime.names import CHAT_STAGE
from functions.routes import BASE_PATH


@dataclass(frozen=True, slots=True)
class Addresses:
    """Public addresses.

    Attributes:
        api_url: Base of the HTTP API.
        chat_url: The WebSocket API.
        distribution_id: The CloudFront distribution; empty where there is none.
        recordings_url: What recordings' keys are put behind; empty where nothing serves them.
        recording_key_group_id: CloudFront's key group, whose keys sign recordings' addresses; empty
            where they are served unsigned.
        stand_in_key_id: The key that holds the group's place; empty likewise.
    """

    api_url: str
    chat_url: str
    recordings_url: str = ""
    distribution_id: str = ""
    recording_key_group_id: str = ""
    stand_in_key_id: str = ""


def public_addresses(
    host: str, distribution_id: str, recording_key_group_id: str, stand_in_key_id: str
) -> Addresses:
    """Return the addresses behind CloudFront.

    Args:
        host: Its host name.
        distribution_id: The distribution.
        recording_key_group_id: Whose keys sign recordings' addresses.
        stand_in_key_id: The key that holds the group's place.
    """
    return Addresses(
        api_url=f"https://{host}{BASE_PATH}",
        chat_url=f"wss://{host}/{CHAT_STAGE}",
        recordings_url=f"https://{host}",
        distribution_id=distribution_id,
        recording_key_group_id=recording_key_group_id,
        stand_in_key_id=stand_in_key_id,
    )


def emulator_addresses(
    endpoint_url: str, http_api_id: str, chat_api_id: str, recording_bucket: str
) -> Addresses:
    """Return the addresses in the emulator, which puts every API below its own endpoint.

    Args:
        endpoint_url: The emulator.
        http_api_id: The HTTP API.
        chat_api_id: The WebSocket API.
        recording_bucket: Where recordings go.
    """
    http = f"{endpoint_url}/_aws/execute-api/{http_api_id}{BASE_PATH}"
    chat = connections_url(chat_api_id, endpoint_url)
    recordings = f"{endpoint_url}/{recording_bucket}"
    return Addresses(http, "ws" + chat.removeprefix("http"), recordings)


def connections_url(chat_api_id: str, emulator_url: str | None) -> str:
    """Return the base of `@connections`, which functions post through.

    Args:
        chat_api_id: The WebSocket API.
        emulator_url: The emulator; None on AWS.
    """
    if emulator_url is not None:
        return f"{emulator_url}/_aws/execute-api/{chat_api_id}/{CHAT_STAGE}"
    return f"https://{chat_api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}/{CHAT_STAGE}"
