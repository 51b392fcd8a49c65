"""What the control API refuses, and in which words."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.video_standin.control_client import UNKNOWN, Checked
from tests.integration.video_standin.house import House, running

BAD_CALLS: list[tuple[str, dict[str, Any]]] = [
    ("create_channel", {"name": "with space"}),
    ("create_channel", {"name": "x" * 129}),
    ("create_channel", {"type": "PREMIUM"}),
    ("create_channel", {"latencyMode": "ULTRA"}),
    ("create_channel", {"type": "BASIC", "preset": "HIGHER_BANDWIDTH_DELIVERY"}),
    ("create_channel", {"recordingConfigurationArn": "nonsense"}),
    ("create_channel", {"tags": {"k" * 129: "v"}}),
    ("create_channel", {"tags": {"k": "a\x00b"}}),
    ("get_channel", {"arn": "arn:aws:s3:::bucket"}),
    ("list_channels", {"maxResults": 101}),
    ("list_channels", {"nextToken": "AAAA"}),
    ("list_channels", {"nextToken": "not a token"}),
    ("list_stream_keys", {"channelArn": UNKNOWN.format("channel"), "maxResults": 51}),
    ("batch_get_channel", {"arns": [UNKNOWN.format("channel")] * 51}),
    (
        "create_recording_configuration",
        {"destinationConfiguration": {"s3": {"bucketName": "UPPER"}}},
    ),
    ("create_recording_configuration", {"destinationConfiguration": {}}),
    ("list_streams", {"filterBy": {"health": "FINE"}}),
    (
        "start_viewer_session_revocation",
        {"channelArn": UNKNOWN.format("channel"), "viewerId": "v" * 41},
    ),
]


async def test_bad_fields_are_validation_exceptions(ivs: Checked) -> None:
    for operation, members in BAD_CALLS:
        assert await ivs.refused(operation, **members) == "ValidationException", members


async def test_unknown_resources_are_not_found(ivs: Checked) -> None:
    channel, key = UNKNOWN.format("channel"), UNKNOWN.format("stream-key")
    recording = UNKNOWN.format("recording-configuration")
    calls: list[tuple[str, dict[str, Any]]] = [
        ("get_channel", {"arn": channel}),
        ("update_channel", {"arn": channel}),
        ("delete_channel", {"arn": channel}),
        ("create_stream_key", {"channelArn": channel}),
        ("get_stream_key", {"arn": key}),
        ("delete_stream_key", {"arn": key}),
        ("get_stream", {"channelArn": channel}),
        ("stop_stream", {"channelArn": channel}),
        ("put_metadata", {"channelArn": channel, "metadata": "x"}),
        ("get_stream_session", {"channelArn": channel}),
        ("list_stream_sessions", {"channelArn": channel}),
        ("get_recording_configuration", {"arn": recording}),
        ("create_channel", {"recordingConfigurationArn": recording}),
        ("start_viewer_session_revocation", {"channelArn": channel, "viewerId": "v"}),
        ("list_tags_for_resource", {"resourceArn": channel}),
        ("tag_resource", {"resourceArn": channel, "tags": {"a": "b"}}),
    ]
    for operation, members in calls:
        assert await ivs.refused(operation, **members) == "ResourceNotFoundException", operation


async def test_calls_beyond_the_rate_are_throttled() -> None:
    async with running(is_throttled=True) as house:
        ivs = Checked(house)
        outcomes = []
        for _ in range(8):
            try:
                await ivs("list_streams")
                outcomes.append("ok")
            except ClientError as error:
                outcomes.append(error.response["Error"]["Code"])
        assert outcomes[:5] == ["ok"] * 5
        assert "ThrottlingException" in outcomes[5:]
        assert (await ivs("list_channels"))["channels"] == []


async def test_operations_without_effect_here_are_refused(house: House) -> None:
    with pytest.raises(ClientError, match="UnknownOperation"):
        await house.call("list_ad_configurations")


async def test_unsigned_and_malformed_calls_are_refused(house: House) -> None:
    url = house.video.http_url + "/CreateChannel"
    unsigned = await house.http.post(url, json={})
    assert unsigned.status_code == 403
    assert unsigned.headers["x-amzn-errortype"] == "AccessDeniedException"
    signed = {"authorization": "AWS4-HMAC-SHA256 Credential=x"}
    for body in (b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000, b" " * 300_000):
        answer = await house.http.post(url, content=body, headers=signed)
        assert answer.status_code == 400, body[:10]
        assert answer.headers["x-amzn-errortype"] == "ValidationException"
    preflight = await house.http.options(url)
    assert preflight.status_code == 405
