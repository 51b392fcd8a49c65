"""IVS channels and recording configurations in templates."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.integration.emulator.running import Cloud, eventually, running

ARN = "arn:aws:ivs:us-east-1:000000000000"


class Ivs:
    """An IVS API with as many operations as a template needs, and a list of what was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.channels: dict[str, dict[str, Any]] = {}
        self.recordings: dict[str, dict[str, Any]] = {}

    def answer(self, operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.calls.append((operation, request))
        match operation:
            case "CreateChannel":
                arn = f"{ARN}:channel/{len(self.channels)}abcd"
                self.channels[arn] = {
                    **request,
                    "arn": arn,
                    "ingestEndpoint": "127.0.0.1",
                    "playbackUrl": f"http://127.0.0.1/{arn[-5:]}.m3u8",
                }
                return 200, {"channel": self.channels[arn], "streamKey": {"value": "sk_secret"}}
            case "UpdateChannel":
                self.channels[request["arn"]].update(request)
                return 200, {"channel": self.channels[request["arn"]]}
            case "StopStream":
                return 404, {"exceptionMessage": "not live"}
            case "DeleteChannel":
                return (204, {}) if self.channels.pop(request["arn"], None) else (404, {})
            case "CreateRecordingConfiguration":
                arn = f"{ARN}:recording-configuration/{len(self.recordings)}abcd"
                self.recordings[arn] = {**request, "arn": arn, "state": "ACTIVE"}
                return 200, {"recordingConfiguration": self.recordings[arn]}
            case "DeleteRecordingConfiguration":
                return (204, {}) if self.recordings.pop(request["arn"], None) else (404, {})
        return 400, {}

    def operations(self) -> list[str]:
        return [operation for operation, _request in self.calls]


@pytest.fixture(scope="module")
def ivs() -> Iterator[tuple[Ivs, str]]:
    service = Ivs()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            status, document = service.answer(
                self.path.strip("/"), json.loads(self.rfile.read(length) or b"{}")
            )
            body = b"" if status == 204 else json.dumps(document).encode()
            self.send_response(status)
            if status == 404:
                self.send_header("x-amzn-ErrorType", "ResourceNotFoundException")
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield service, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def cloud(ivs: tuple[Ivs, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running(tmp_path_factory.mktemp("video"), ivs_endpoint_url=ivs[1]) as started:
        yield started


def template(name: str, *, window: int = 30) -> str:
    recording = {
        "Name": "house-recording",
        "RecordingReconnectWindowSeconds": str(window),
        "DestinationConfiguration": {"S3": {"BucketName": "recordings"}},
        "ThumbnailConfiguration": {"RecordingMode": "INTERVAL", "TargetIntervalSeconds": "10"},
    }
    channel = {
        "Name": name,
        "Type": "STANDARD",
        "LatencyMode": "LOW",
        "InsecureIngest": "true",
        "RecordingConfigurationArn": {"Ref": "Recording"},
        "Tags": [{"Key": "of", "Value": "house"}],
    }
    outputs = {
        "Channel": {"Ref": "Channel"},
        "Recording": {"Ref": "Recording"},
        "Arn": {"Fn::GetAtt": ["Channel", "Arn"]},
        "Ingest": {"Fn::GetAtt": ["Channel", "IngestEndpoint"]},
        "Playback": {"Fn::GetAtt": ["Channel", "PlaybackUrl"]},
    }
    resources = {
        "Channel": {"Type": "AWS::IVS::Channel", "Properties": channel},
        "Recording": {"Type": "AWS::IVS::RecordingConfiguration", "Properties": recording},
    }
    return json.dumps(
        {"Resources": resources, "Outputs": {key: {"Value": outputs[key]} for key in outputs}}
    )


def outputs(cloud: Cloud, status: str) -> dict[str, str]:
    def stack() -> Any:
        found = cloud.client("cloudformation").describe_stacks(StackName="video")["Stacks"][0]
        return None if found["StackStatus"].endswith("IN_PROGRESS") else found

    ended = eventually(stack)
    assert ended["StackStatus"] == status
    return {output["OutputKey"]: output["OutputValue"] for output in ended["Outputs"]}


def test_channel_of_a_template_lives_in_the_stand_in(cloud: Cloud, ivs: tuple[Ivs, str]) -> None:
    service, _url = ivs
    cloudformation = cloud.client("cloudformation")
    cloudformation.create_stack(StackName="video", TemplateBody=template("house"))
    made = outputs(cloud, "CREATE_COMPLETE")
    assert made["Channel"] == made["Arn"]
    channel, recording = service.channels[made["Arn"]], service.recordings[made["Recording"]]
    assert made["Ingest"] == channel["ingestEndpoint"]
    assert made["Playback"] == channel["playbackUrl"]
    assert channel["insecureIngest"] is True
    assert channel["recordingConfigurationArn"] == made["Recording"]
    assert channel["tags"] == {"of": "house"}
    assert recording["recordingReconnectWindowSeconds"] == 30
    assert recording["destinationConfiguration"] == {"s3": {"bucketName": "recordings"}}
    assert recording["thumbnailConfiguration"] == {
        "recordingMode": "INTERVAL",
        "targetIntervalSeconds": 10,
    }

    cloudformation.update_stack(StackName="video", TemplateBody=template("home"))
    assert outputs(cloud, "UPDATE_COMPLETE") == made
    assert service.channels[made["Arn"]]["name"] == "home"

    cloudformation.update_stack(StackName="video", TemplateBody=template("home", window=60))
    replaced = outputs(cloud, "UPDATE_COMPLETE")
    assert replaced["Recording"] != made["Recording"]
    assert channel["recordingConfigurationArn"] == replaced["Recording"]
    assert eventually(lambda: list(service.recordings) == [replaced["Recording"]])

    cloudformation.delete_stack(StackName="video")
    assert eventually(lambda: not service.channels and not service.recordings)
    assert service.operations().index("StopStream") < service.operations().index("DeleteChannel")


def test_types_stay_refused_without_a_stand_in(mended: Cloud) -> None:
    cloudformation = mended.client("cloudformation")
    with pytest.raises(cloudformation.exceptions.ClientError, match="AWS::IVS"):
        cloudformation.create_stack(StackName="video", TemplateBody=template("house"))


def test_functions_reach_the_stand_in(cloud: Cloud, ivs: tuple[Ivs, str]) -> None:
    seen = cloud.function("curious").invoke([])
    assert seen["environment"]["AWS_ENDPOINT_URL_IVS"] == ivs[1]


def test_upstream_knows_no_ivs(ivs: tuple[Ivs, str], tmp_path: Path) -> None:
    with running(tmp_path, ivs_endpoint_url=ivs[1], without=("video_resources",)) as bare:
        cloudformation = bare.client("cloudformation")
        with pytest.raises(cloudformation.exceptions.ClientError, match="AWS::IVS"):
            cloudformation.create_stack(StackName="video", TemplateBody=template("house"))
