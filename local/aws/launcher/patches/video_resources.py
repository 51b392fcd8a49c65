"""Templates may hold IVS channels and recording configurations.

Upstream has neither the types nor the service (services/cloudformation/provisioners.py,
`_RESOURCE_HANDLERS`). The launcher makes them through the IVS API at `AWS_ENDPOINT_URL_IVS`, which
is the video stand-in; without that address the types stay refused.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ivs-channel.html
"""

import os
from typing import Any

import boto3
from botocore.exceptions import ClientError

from local.aws.launcher.resources import Attributes, Properties, register

_REGION = os.environ.get("MINISTACK_REGION", "us-east-1")
_CHANNEL_TEXT = (
    *("Name", "LatencyMode", "Type", "Preset", "ContainerFormat"),
    *("RecordingConfigurationArn", "PlaybackRestrictionPolicyArn"),
)
_CHANNEL_FLAGS = ("Authorized", "InsecureIngest")


def apply() -> None:
    """Register both types if there is an IVS to make them in."""
    if "AWS_ENDPOINT_URL_IVS" not in os.environ:
        return
    register(
        "AWS::IVS::Channel",
        create=_create_channel,
        update=_update_channel,
        delete=_delete_channel,
    )
    register(
        "AWS::IVS::RecordingConfiguration",
        create=_create_recording,
        update=_update_recording,
        delete=_delete_recording,
    )


def _ivs() -> Any:
    return boto3.client(
        "ivs",
        endpoint_url=os.environ["AWS_ENDPOINT_URL_IVS"],
        region_name=_REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  # the stand-in takes any
    )


def _channel_request(properties: Properties) -> dict[str, Any]:
    request = {_lower(name): properties[name] for name in _CHANNEL_TEXT if name in properties}
    flags = {_lower(name): _flag(properties[name]) for name in _CHANNEL_FLAGS if name in properties}
    return {**request, **flags}


def _create_channel(properties: Properties) -> tuple[str, Attributes]:
    tags = _tags(properties)
    channel = _ivs().create_channel(**_channel_request(properties), **tags)["channel"]
    return _channel_answer(channel)


def _update_channel(arn: str, _old: Properties, properties: Properties) -> tuple[str, Attributes]:
    # A property that a template drops goes back to its default; an empty ARN switches off.
    defaults = {"recordingConfigurationArn": "", "playbackRestrictionPolicyArn": ""}
    request = {"name": "", **defaults, **_channel_request(properties)}
    return _channel_answer(_ivs().update_channel(arn=arn, **request)["channel"])


def _channel_answer(channel: dict[str, Any]) -> tuple[str, Attributes]:
    return channel["arn"], {
        "Arn": channel["arn"],
        "IngestEndpoint": channel["ingestEndpoint"],
        "PlaybackUrl": channel["playbackUrl"],
    }


def _delete_channel(arn: str) -> None:
    ivs = _ivs()
    _unless_gone(ivs.stop_stream, channelArn=arn)
    _unless_gone(ivs.delete_channel, arn=arn)


def _create_recording(properties: Properties) -> tuple[str, Attributes]:
    destination = properties["DestinationConfiguration"]["S3"]["BucketName"]
    request: dict[str, Any] = {
        "destinationConfiguration": {"s3": {"bucketName": destination}},
        **({"name": properties["Name"]} if "Name" in properties else {}),
        **_tags(properties),
    }
    if "RecordingReconnectWindowSeconds" in properties:
        window = int(properties["RecordingReconnectWindowSeconds"])
        request["recordingReconnectWindowSeconds"] = window
    for name in ("ThumbnailConfiguration", "RenditionConfiguration"):
        if name in properties:
            request[_lower(name)] = _lowered(properties[name])
    made = _ivs().create_recording_configuration(**request)["recordingConfiguration"]
    return made["arn"], {"Arn": made["arn"], "State": made["state"]}


def _update_recording(arn: str, old: Properties, properties: Properties) -> tuple[str, Attributes]:
    if {**old, "Tags": None} != {**properties, "Tags": None}:
        # Every property but the tags makes CloudFormation replace the configuration.
        return _create_recording(properties)
    made = _ivs().get_recording_configuration(arn=arn)["recordingConfiguration"]
    return made["arn"], {"Arn": made["arn"], "State": made["state"]}


def _delete_recording(arn: str) -> None:
    _unless_gone(_ivs().delete_recording_configuration, arn=arn)


def _unless_gone(call: Any, **arguments: Any) -> None:
    try:
        call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {
            "ResourceNotFoundException",
            "ChannelNotBroadcasting",
        }:
            raise


def _tags(properties: Properties) -> dict[str, Any]:
    tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
    return {"tags": tags} if tags else {}


def _flag(value: object) -> bool:
    return str(value).lower() == "true"


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


def _lowered(value: Any) -> Any:
    """Spell a template's structure as the API does; its numbers may have come as text."""
    if isinstance(value, dict):
        return {_lower(name): _lowered(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_lowered(part) for part in value]
    return int(value) if isinstance(value, str) and value.isdigit() else value
