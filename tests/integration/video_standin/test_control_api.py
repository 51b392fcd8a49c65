"""Every operation through boto3, each answer held against botocore's service model."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from botocore.model import ListShape, MapShape, Shape, StructureShape
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from local.video.control import model
from tests.integration.video_standin.house import House, pattern, running

UNKNOWN = "arn:aws:ivs:us-east-1:000000000000:{}/AbCdEfGhIjKl"
UNSUPPORTED = {
    name
    for name in model.service_model().operation_names
    if "AdConfiguration" in name or "FailoverSlate" in name or name == "InsertAdBreak"
}


def public_key(curve: ec.EllipticCurve | None = None) -> str:
    key = ec.generate_private_key(curve or ec.SECP384R1()).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class Checked:
    """A client that holds every answer against the model and notes what was called."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.called: set[str] = set()
        house.ivs.meta.events.register("after-call.ivs.*", self._check)

    def _check(self, model: Any, parsed: dict[str, Any], http_response: Any, **_: Any) -> None:
        self.called.add(model.name)
        if http_response.status_code >= 300:
            code = parsed["Error"]["Code"]
            if code == "ThrottlingException":
                # AWS may answer any call with it, modelled or not.
                assert http_response.status_code == 429
                return
            shapes = {shape.name: shape for shape in model.error_shapes}
            assert code in shapes, f"{model.name} cannot answer {code}"
            assert http_response.status_code == shapes[code].metadata["error"]["httpStatusCode"]
            assert http_response.headers["x-amzn-ErrorType"] == code
            assert parsed["exceptionMessage"]
            return
        assert http_response.status_code == model.http["responseCode"]
        if http_response.status_code == 204:
            assert http_response.content == b""
        if model.output_shape is not None:
            body = {key: value for key, value in parsed.items() if key != "ResponseMetadata"}
            hold(model.output_shape, body, model.name)

    async def __call__(self, operation: str, **members: Any) -> dict[str, Any]:
        return await self.house.call(operation, **members)

    async def refused(self, operation: str, **members: Any) -> str:
        with pytest.raises(ClientError) as caught:
            await self.house.call(operation, **members)
        code: str = caught.value.response["Error"]["Code"]
        return code


def hold(shape: Shape, value: Any, path: str) -> None:
    """Hold a parsed answer against a shape: types, required members, patterns, sets, ranges."""
    if isinstance(shape, StructureShape):
        assert isinstance(value, dict), path
        assert set(value) <= set(shape.members), f"{path}: {set(value) - set(shape.members)}"
        assert set(shape.required_members) <= set(value), path
        for member, given in value.items():
            hold(shape.members[member], given, f"{path}.{member}")
    elif isinstance(shape, ListShape):
        assert isinstance(value, list), path
        for item in value:
            hold(shape.member, item, f"{path}[]")
    elif isinstance(shape, MapShape):
        assert isinstance(value, dict), path
    elif shape.type_name == "string":
        assert isinstance(value, str), path
        pattern = shape.metadata.get("pattern", "").replace(":[a-z-]/", ":[a-z-]+/")
        if pattern and r"\p" not in pattern:
            assert re.fullmatch(pattern, value), f"{path}: {value}"
        # IVS itself gives an empty preset for types that have none.
        if "enum" in shape.metadata and not (value == "" and path.endswith(".preset")):
            assert value in shape.metadata["enum"], path
    else:
        kinds: dict[str, type] = {"integer": int, "long": int, "boolean": bool}
        if shape.type_name in kinds:
            assert isinstance(value, kinds[shape.type_name]), path
        else:
            assert shape.type_name == "timestamp", path


@pytest.fixture
async def ivs() -> AsyncIterator[Checked]:
    async with running(recordings_enabled=False) as house:
        yield Checked(house)


async def test_every_operation_answers_as_the_model_says(ivs: Checked) -> None:
    recording = await _configurations(ivs)
    policy = await _policies(ivs)
    await _key_pairs(ivs)
    arn = await _channels(ivs, recording, policy)
    await _stream_keys(ivs, arn)
    await _tags(ivs, arn)
    await _streams(ivs, arn)
    await _deletions(ivs, arn, recording, policy)
    supported = set(model.service_model().operation_names) - UNSUPPORTED
    assert ivs.called == supported


async def _configurations(ivs: Checked) -> str:
    made = await ivs(
        "create_recording_configuration",
        name="r",
        destinationConfiguration={"s3": {"bucketName": "recordings"}},
        thumbnailConfiguration={"recordingMode": "INTERVAL", "targetIntervalSeconds": 5},
        recordingReconnectWindowSeconds=30,
        renditionConfiguration={"renditionSelection": "CUSTOM", "renditions": ["HD"]},
        tags={"a": "b"},
    )
    configuration = made["recordingConfiguration"]
    assert configuration["state"] == "ACTIVE"
    assert configuration["recordingReconnectWindowSeconds"] == 30
    found = await ivs("get_recording_configuration", arn=configuration["arn"])
    assert found["recordingConfiguration"] == configuration
    listed = await ivs("list_recording_configurations")
    assert [item["arn"] for item in listed["recordingConfigurations"]] == [configuration["arn"]]
    assert "thumbnailConfiguration" not in listed["recordingConfigurations"][0]
    arn: str = configuration["arn"]
    return arn


async def _policies(ivs: Checked) -> str:
    made = await ivs("create_playback_restriction_policy", allowedOrigins=["https://a.example"])
    policy = made["playbackRestrictionPolicy"]
    assert policy["allowedCountries"] == []
    changed = await ivs(
        "update_playback_restriction_policy", arn=policy["arn"], allowedCountries=["DE"], name="p"
    )
    found = await ivs("get_playback_restriction_policy", arn=policy["arn"])
    assert found["playbackRestrictionPolicy"] == changed["playbackRestrictionPolicy"]
    assert found["playbackRestrictionPolicy"]["allowedOrigins"] == ["https://a.example"]
    listed = await ivs("list_playback_restriction_policies")
    assert len(listed["playbackRestrictionPolicies"]) == 1
    arn: str = policy["arn"]
    return arn


async def _key_pairs(ivs: Checked) -> None:
    material = public_key()
    made = await ivs("import_playback_key_pair", publicKeyMaterial=material, name="k")
    pair = made["keyPair"]
    assert re.fullmatch("([0-9a-f]{2}:){15}[0-9a-f]{2}", pair["fingerprint"])
    assert (await ivs("get_playback_key_pair", arn=pair["arn"]))["keyPair"] == pair
    assert len((await ivs("list_playback_key_pairs"))["keyPairs"]) == 1
    again = await ivs.refused("import_playback_key_pair", publicKeyMaterial=material)
    assert again == "ConflictException"
    for bad in ("no key", public_key(ec.SECP256R1())):
        refused = await ivs.refused("import_playback_key_pair", publicKeyMaterial=bad)
        assert refused == "ValidationException"
    for _ in range(2):
        await ivs("import_playback_key_pair", publicKeyMaterial=public_key())
    over = await ivs.refused("import_playback_key_pair", publicKeyMaterial=public_key())
    assert over == "ServiceQuotaExceededException"
    await ivs("delete_playback_key_pair", arn=pair["arn"])
    gone = await ivs.refused("get_playback_key_pair", arn=pair["arn"])
    assert gone == "ResourceNotFoundException"


async def _channels(ivs: Checked, recording: str, policy: str) -> str:
    made = await ivs("create_channel", name="one", authorized=True, insecureIngest=True)
    channel = made["channel"]
    assert channel["latencyMode"] == "LOW"
    assert channel["type"] == "STANDARD"
    assert channel["ingestEndpoint"] == ivs.house.video.rtmp_address
    assert channel["playbackUrl"].endswith(f".channel.{channel['arn'].split('/')[1]}.m3u8")
    assert made["streamKey"]["channelArn"] == channel["arn"]
    assert made["streamKey"]["value"].startswith("sk_us-east-1_")
    assert (await ivs("get_channel", arn=channel["arn"]))["channel"] == channel
    changed = await ivs(
        "update_channel",
        arn=channel["arn"],
        authorized=False,
        type="ADVANCED_HD",
        recordingConfigurationArn=recording,
        playbackRestrictionPolicyArn=policy,
    )
    assert changed["channel"]["preset"] == "HIGHER_BANDWIDTH_DELIVERY"
    assert changed["channel"]["name"] == "one"
    await ivs("create_channel", name="two")
    batch = await ivs("batch_get_channel", arns=[channel["arn"], UNKNOWN.format("channel")])
    assert batch["channels"] == [changed["channel"]]
    assert batch["errors"][0]["code"] == "ResourceNotFoundException"
    named = await ivs("list_channels", filterByName="two")
    assert [item["name"] for item in named["channels"]] == ["two"]
    recorded = await ivs("list_channels", filterByRecordingConfigurationArn=recording)
    assert [item["name"] for item in recorded["channels"]] == ["one"]
    assert "playbackUrl" not in recorded["channels"][0]
    arn: str = channel["arn"]
    return arn


async def _stream_keys(ivs: Checked, channel_arn: str) -> None:
    listed = (await ivs("list_stream_keys", channelArn=channel_arn))["streamKeys"]
    assert "value" not in listed[0]
    key_arn = listed[0]["arn"]
    found = (await ivs("get_stream_key", arn=key_arn))["streamKey"]
    unknown = UNKNOWN.format("stream-key")
    batch = await ivs("batch_get_stream_key", arns=[key_arn, unknown])
    assert batch["streamKeys"] == [found]
    assert batch["errors"][0]["arn"] == unknown
    second = await ivs.refused("create_stream_key", channelArn=channel_arn)
    assert second == "ServiceQuotaExceededException"
    await ivs("delete_stream_key", arn=key_arn)
    assert await ivs.refused("get_stream_key", arn=key_arn) == "ResourceNotFoundException"
    made = (await ivs("create_stream_key", channelArn=channel_arn, tags={"a": "b"}))["streamKey"]
    assert made["value"] != found["value"]


async def _tags(ivs: Checked, channel_arn: str) -> None:
    await ivs("tag_resource", resourceArn=channel_arn, tags={"größe": "a b", "x": "1"})
    await ivs("untag_resource", resourceArn=channel_arn, tagKeys=["x"])
    listed = await ivs("list_tags_for_resource", resourceArn=channel_arn)
    assert listed["tags"] == {"größe": "a b"}
    many = {f"k{number}": "" for number in range(50)}
    over = await ivs.refused("tag_resource", resourceArn=channel_arn, tags=many)
    assert over == "ValidationException"
    reserved = await ivs.refused("tag_resource", resourceArn=channel_arn, tags={"aws:x": "1"})
    assert reserved == "ValidationException"


async def _streams(ivs: Checked, channel_arn: str) -> None:
    assert await ivs.refused("get_stream", channelArn=channel_arn) == "ChannelNotBroadcasting"
    key_arn = (await ivs("list_stream_keys", channelArn=channel_arn))["streamKeys"][0]["arn"]
    key = (await ivs("get_stream_key", arn=key_arn))["streamKey"]["value"]
    channel = (await ivs("get_channel", arn=channel_arn))["channel"]
    origin = {"origin": "https://a.example"}
    async with ivs.house.publisher(key, pattern(160, 90)):
        await ivs.house.playlist(channel, headers=origin)
        stream = (await ivs("get_stream", channelArn=channel_arn))["stream"]
        assert (stream["state"], stream["health"]) == ("LIVE", "HEALTHY")
        listed = (await ivs("list_streams"))["streams"]
        assert listed[0]["streamId"] == stream["streamId"]
        session = await ivs("get_stream_session", channelArn=channel_arn)
        assert session["streamSession"]["streamId"] == stream["streamId"]
        sessions = await ivs("list_stream_sessions", channelArn=channel_arn)
        assert "endTime" not in sessions["streamSessions"][0]
        await ivs("put_metadata", channelArn=channel_arn, metadata="x" * 1024)
        long = await ivs.refused("put_metadata", channelArn=channel_arn, metadata="x" * 1025)
        assert long == "ValidationException"
        assert await ivs.refused("delete_channel", arn=channel_arn) == "ConflictException"
        assert await ivs.refused("update_channel", arn=channel_arn) == "ConflictException"
        revocation = {"channelArn": channel_arn, "viewerId": "v"}
        await ivs("start_viewer_session_revocation", **revocation)
        unknown = {"channelArn": UNKNOWN.format("channel"), "viewerId": "v"}
        batch = await ivs(
            "batch_start_viewer_session_revocation", viewerSessions=[revocation, unknown]
        )
        assert [error["code"] for error in batch["errors"]] == ["ResourceNotFoundException"]
        await ivs("stop_stream", channelArn=channel_arn)
    assert await ivs.refused("stop_stream", channelArn=channel_arn) == "ChannelNotBroadcasting"
    assert (await ivs("list_streams"))["streams"] == []


async def _deletions(ivs: Checked, channel_arn: str, recording: str, policy: str) -> None:
    used = await ivs.refused("delete_recording_configuration", arn=recording)
    assert used == "ConflictException"
    used = await ivs.refused("delete_playback_restriction_policy", arn=policy)
    assert used == "ConflictException"
    await ivs("delete_channel", arn=channel_arn)
    assert await ivs.refused("get_channel", arn=channel_arn) == "ResourceNotFoundException"
    await ivs("delete_recording_configuration", arn=recording)
    await ivs("delete_playback_restriction_policy", arn=policy)


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


async def test_lists_come_in_pages(ivs: Checked) -> None:
    for number in range(5):
        await ivs("create_channel", name=f"c{number}")
    paginator = ivs.house.ivs.get_paginator("list_channels")
    pages = await asyncio.to_thread(
        lambda: list(paginator.paginate(PaginationConfig={"PageSize": 2}))
    )
    assert [len(page["channels"]) for page in pages] == [2, 2, 1]
    names = [channel["name"] for page in pages for channel in page["channels"]]
    assert names == [f"c{number}" for number in range(5)]
    token = pages[0]["nextToken"]
    other_list = await ivs.refused("list_streams", nextToken=token)
    assert other_list == "ValidationException"


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


async def test_channels_keys_and_sessions_survive_a_restart(tmp_path: Any) -> None:
    async with running(state_dir=tmp_path) as house:
        channel, key = await house.channel(name="kept", tags={"a": "b"})
    assert (tmp_path / "video.sqlite3").stat().st_mode & 0o777 == 0o600
    async with running(state_dir=tmp_path) as house:
        found = (await house.call("get_channel", arn=channel["arn"]))["channel"]
        assert found["name"] == "kept"
        assert found["tags"] == {"a": "b"}
        assert found["playbackUrl"].startswith(house.video.http_url)
        assert found["ingestEndpoint"] == house.video.rtmp_address
        async with house.publisher(key):
            await house.playlist(found)
    async with running(state_dir=tmp_path) as house:
        sessions = await house.call("list_stream_sessions", channelArn=channel["arn"])
        assert sessions["streamSessions"][0]["endTime"]


async def test_health_tells_that_it_runs(house: House) -> None:
    answer: httpx.Response = await house.http.get(house.video.http_url + "/health")
    assert answer.json() == {"status": "ok", "liveStreams": 0, "rtmpUrl": house.video.rtmp_url}
