"""Every operation through boto3, in the order of a channel's life."""

import re

from cryptography.hazmat.primitives.asymmetric import ec

from local.video.control import model
from tests.integration.video_standin.control_client import UNKNOWN, UNSUPPORTED, Checked, public_key
from tests.integration.video_standin.house import pattern


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
