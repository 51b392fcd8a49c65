"""The house's own IVS channel (canary, demonstration) and how every channel is recorded.

Creators' channels are made at run time, with this recording configuration.
"""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ivs as ivs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ayinel_live.streams.model import RECONNECT_GRACE
from infra.deployment import Deployment

# What IVS puts before every recording's own prefix.
# https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html
RECORDINGS_PREFIX = "ivs/v1"
_THUMBNAIL_SECONDS = 10


class HouseChannel(Construct):
    """One channel and the recording configuration.

    Args:
        scope: Where it belongs.
        recordings: Where recordings go.
        deployment: The deployment.
    """

    def __init__(self, scope: Construct, recordings: s3.IBucket, deployment: Deployment) -> None:
        super().__init__(scope, "House")
        name = f"ayinel-live-{deployment.environment}"
        recording = ivs.CfnRecordingConfiguration(
            self,
            "Recording",
            name=name,
            recording_reconnect_window_seconds=int(RECONNECT_GRACE.total_seconds()),
            thumbnail_configuration=ivs.CfnRecordingConfiguration.ThumbnailConfigurationProperty(
                recording_mode="INTERVAL",
                resolution="SD",
                storage=["SEQUENTIAL", "LATEST"],
                target_interval_seconds=_THUMBNAIL_SECONDS,
            ),
            destination_configuration=(
                ivs.CfnRecordingConfiguration.DestinationConfigurationProperty(
                    s3=ivs.CfnRecordingConfiguration.S3DestinationConfigurationProperty(
                        bucket_name=recordings.bucket_name
                    )
                )
            ),
        )
        if deployment.stage.is_protected:
            # Creators' channels outlive the stack and record by it; IVS deletes none in use.
            recording.apply_removal_policy(RemovalPolicy.RETAIN)
        channel = ivs.CfnChannel(
            self,
            "Channel",
            name=f"{name}-house",
            type="BASIC" if not deployment.stage.is_protected else "STANDARD",
            latency_mode="LOW",
            insecure_ingest=deployment.stage.ingest_scheme == "rtmp",
            recording_configuration_arn=recording.attr_arn,
        )
        self.channel_arn = channel.attr_arn
        self.recording_configuration_arn = recording.attr_arn
