"""Secrets are rotated: those that functions share, and keys of playback and recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Aws, CustomResource, Duration

from ayinel_live.runtime.idempotency import IdempotencyItem
from infra.constructs.live_queue import FailureQueue
from infra.constructs.rules import Clockwork
from infra.constructs.video_access import allow_managing_playback_keys
from infra.grants import reads_and_writes
from infra.layers.recipes import Layer

if TYPE_CHECKING:
    from infra.service_stack import ServiceStack

_ROTATING_SECONDS = 60
_EVERY = Duration.hours(1)
_ACTIONS = ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]
_KEY_GROUP_ACTIONS = [
    "cloudfront:CreatePublicKey",
    "cloudfront:DeletePublicKey",
    "cloudfront:GetKeyGroup",
    "cloudfront:GetPublicKey",
    "cloudfront:ListPublicKeys",
    "cloudfront:UpdateKeyGroup",
]


def wire(stack: ServiceStack) -> None:
    """Make the functions that rotate them."""
    _shared(stack)
    _playback_keys(stack)
    _recording_keys(stack)


def _playback_keys(stack: ServiceStack) -> None:
    secret = stack.data.playback_key_secret
    rotator = stack.function(
        "playback_key_rotator",
        uses=[reads_and_writes(IdempotencyItem)],
        environment={
            "INGEST_SCHEME": stack.deployment.stage.ingest_scheme,
            "PLAYBACK_KEY_SECRET_ARN": secret.secret_arn,
        },
        layers=[Layer.SIGNING],
        timeout_seconds=_ROTATING_SECONDS,
    )
    rotator.allow(_ACTIONS, [secret.secret_arn])
    allow_managing_playback_keys(rotator)
    Clockwork(stack, rotator, FailureQueue(stack, "PlaybackKeyRotator"), every=_EVERY)


def _recording_keys(stack: ServiceStack) -> None:
    secret, addresses = stack.data.recording_key_secret, stack.addresses
    environment = {}
    if secret is not None:
        environment = {
            "RECORDINGS_SECRET_ARN": secret.secret_arn,
            "KEY_GROUP_ID": addresses.recording_key_group_id,
            "KEY_PREFIX": f"ayinel-live-{stack.deployment.environment}-recordings-",
        }
    rotator = stack.function(
        "recording_key_rotator",
        environment=environment,
        layers=[Layer.SIGNING],
        timeout_seconds=_ROTATING_SECONDS,
    )
    Clockwork(stack, rotator, FailureQueue(stack, "RecordingKeyRotator"), every=_EVERY)
    if secret is None:
        return
    rotator.allow(_ACTIONS, [secret.secret_arn])
    # CloudFront's keys and key groups are no resources of IAM.
    rotator.allow(_KEY_GROUP_ACTIONS, ["*"])
    # A deployment waits for its first pair, and takes its keys along when it goes.
    first = CustomResource(
        stack,
        "RecordingKeys",
        service_token=rotator.function.function_arn,
        resource_type="Custom::RecordingKeys",
        properties={"StandInKeyId": addresses.stand_in_key_id},
        service_timeout=Duration.seconds(2 * _ROTATING_SECONDS),
    )
    first.node.add_dependency(rotator.role)


def _shared(stack: ServiceStack) -> None:
    data, distribution = stack.data, stack.addresses.distribution_id
    environment = {"TICKET_SECRET_ARN": data.ticket_secret.secret_arn}
    if distribution:
        environment["DISTRIBUTION_ID"] = distribution
    rotator = stack.function(
        "secret_rotator", environment=environment, timeout_seconds=_ROTATING_SECONDS
    )
    rotator.allow(_ACTIONS, [data.ticket_secret.secret_arn])
    if data.origin_secret is not None:
        rotator.allow(_ACTIONS, [data.origin_secret.secret_arn])
        rotator.allow(
            ["cloudfront:GetDistributionConfig", "cloudfront:UpdateDistribution"],
            [f"arn:{Aws.PARTITION}:cloudfront::{Aws.ACCOUNT_ID}:distribution/{distribution}"],
        )
    Clockwork(stack, rotator, FailureQueue(stack, "SecretRotator"), every=_EVERY)
