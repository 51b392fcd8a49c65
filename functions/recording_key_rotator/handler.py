"""One look at the recordings' key pairs each hour, and one at each deployment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.telemetry import Telemetry
from ayinel_live.streams.recording_keys import RecordingKeys, RecordingKeySecret
from functions.recording_key_rotator.deployment import answer, is_of_deployment
from functions.recording_key_rotator.key_group import CloudFrontKeyGroup
from functions.recording_key_rotator.settings import RecordingKeyRotatorSettings

settings = RecordingKeyRotatorSettings.from_environment()
logger = Logger(service="recording_key_rotator")
telemetry = Telemetry("recording_key_rotator", settings.stage, logger)
keys = RecordingKeys(
    RecordingKeySecret(partial(aws_client, "secretsmanager"), settings.recordings_secret_arn),
    CloudFrontKeyGroup(partial(aws_client, "cloudfront"), settings.key_group_id),
    settings.key_prefix,
)


@telemetry.watch
def handler(event: Mapping[str, Any], context: object) -> None:
    """Look, and do what is due.

    Args:
        event: The schedule's, or a request of CloudFormation.
        context: Not needed.
    """
    if is_of_deployment(event):
        answer(event, _follow)
    elif settings.key_group_id:
        logger.info("recording_keys_looked_at", outcome=keys.rotate())


def _follow(event: Mapping[str, Any]) -> None:
    if event["RequestType"] == "Delete":
        keys.discard(event["ResourceProperties"]["StandInKeyId"])
        logger.info("recording_keys_discarded")
    else:
        logger.info("recording_keys_looked_at", outcome=keys.rotate())
