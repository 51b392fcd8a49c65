"""The stand-in beside the emulator: its events reach rules, its recordings a real bucket."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.emulator.running import running as running_cloud
from tests.integration.video_standin.house import are_moving, name, pattern, pictures, running

pytestmark = pytest.mark.slow


async def test_events_reach_a_rule_and_recordings_a_bucket(tmp_path: Path) -> None:
    cloud_context = running_cloud(tmp_path)
    cloud = await asyncio.to_thread(cloud_context.__enter__)
    try:
        s3, sqs = cloud.client("s3"), cloud.client("sqs")
        await asyncio.to_thread(s3.create_bucket, Bucket="recordings")
        queue_url = await asyncio.to_thread(_listen, cloud)
        async with running(
            s3_endpoint=cloud.url, events_url=f"{cloud.url}/_ayinel/events"
        ) as house:
            made = await house.call(
                "create_recording_configuration",
                destinationConfiguration={"s3": {"bucketName": "recordings"}},
            )
            arn = made["recordingConfiguration"]["arn"]
            channel, key = await house.channel(name="a", recordingConfigurationArn=arn)
            async with house.publisher(key, pattern()):
                await house.wait_for_event("Recording Start", channel["arn"])
                await asyncio.sleep(2)
            await house.wait_for_event("Recording End", channel["arn"])
            sent = house.raw_events()
        heard = await asyncio.to_thread(_received, sqs, queue_url, len(sent))
        assert sorted(name(event) for event in heard) == sorted(name(event) for event in sent)
        assert all(event["source"] == "aws.ivs" for event in heard)
        assert all(event["resources"] == [channel["arn"]] for event in heard)
        folder = sent[-1]["detail"]["recording_s3_key_prefix"] + "/media/hls/180p30/"
        playlist = await asyncio.to_thread(_object, s3, folder + "playlist.m3u8")
        media = [line for line in playlist.decode().splitlines() if line.endswith(".mp4")]
        pieces = [await asyncio.to_thread(_object, s3, folder + line) for line in media]
        init = await asyncio.to_thread(_object, s3, folder + "init-0.mp4")
        assert are_moving(pictures(init + b"".join(pieces)))
    finally:
        await asyncio.to_thread(cloud_context.__exit__, None, None, None)


def _listen(cloud: Any) -> str:
    sqs, bus = cloud.client("sqs"), cloud.client("events")
    url: str = sqs.create_queue(QueueName="ivs-events")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    bus.put_rule(Name="ivs", EventPattern=json.dumps({"source": ["aws.ivs"]}))
    bus.put_targets(
        Rule="ivs", Targets=[{"Id": "queue", "Arn": attributes["Attributes"]["QueueArn"]}]
    )
    return url


def _received(sqs: Any, queue_url: str, count: int) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for _ in range(20):
        answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        events += [json.loads(message["Body"]) for message in answer.get("Messages", [])]
        if len(events) >= count:
            break
    return events


def _object(s3: Any, key: str) -> bytes:
    body: bytes = s3.get_object(Bucket="recordings", Key=key)["Body"].read()
    return body
