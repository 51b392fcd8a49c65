"""Access logs of buckets and of CloudFront, in one bucket that forgets.

CloudFront's are delivered by CloudWatch Logs, which lets their fields be chosen: the older kind
always holds viewers' addresses and query strings, and in those stand tickets and signatures.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
"""

from __future__ import annotations

from aws_cdk import Aws, CfnCondition, Duration, Fn, RemovalPolicy
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.deployment import DOOR_REGION, Deployment

_BUCKETS_PREFIX = "buckets"
# Nothing of who called: no address, path, query, cookie, referrer or user agent.
DOOR_FIELDS = (
    "date",
    "time",
    "x-edge-location",
    "x-edge-request-id",
    "x-edge-result-type",
    "x-edge-response-result-type",
    "x-edge-detailed-result-type",
    "cs-method",
    "cs-protocol",
    "cs-protocol-version",
    "ssl-protocol",
    "sc-status",
    "sc-content-type",
    "sc-bytes",
    "cs-bytes",
    "time-taken",
    "time-to-first-byte",
)


def access_log_bucket(scope: Construct, deployment: Deployment) -> s3.Bucket:
    """Make the bucket that access logs are written to, kept as long as other logs.

    Args:
        scope: Where it belongs.
        deployment: The deployment.
    """
    stage = deployment.stage
    bucket = s3.Bucket(
        scope,
        "AccessLogs",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        removal_policy=RemovalPolicy.RETAIN if stage.is_protected else RemovalPolicy.DESTROY,
        lifecycle_rules=[
            s3.LifecycleRule(
                expiration=Duration.days(stage.log_retention_days),
                abort_incomplete_multipart_upload_after=Duration.days(1),
            )
        ],
    )
    ours = {"aws:SourceAccount": Aws.ACCOUNT_ID}
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
            actions=["s3:PutObject"],
            resources=[bucket.arn_for_objects(f"{_BUCKETS_PREFIX}/*")],
            conditions={"StringEquals": ours},
        )
    )
    source = f"arn:{Aws.PARTITION}:logs:{DOOR_REGION}:{Aws.ACCOUNT_ID}:delivery-source"
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("delivery.logs.amazonaws.com")],
            actions=["s3:PutObject"],
            resources=[bucket.arn_for_objects(f"AWSLogs/{Aws.ACCOUNT_ID}/*")],
            conditions={
                "StringEquals": {**ours, "s3:x-amz-acl": "bucket-owner-full-control"},
                "ArnEquals": {"aws:SourceArn": f"{source}:{_door_name(deployment)}"},
            },
        )
    )
    return bucket


def log_bucket_access(bucket: s3.Bucket, target: s3.IBucket, name: str) -> None:
    """Have calls of a bucket logged.

    Args:
        bucket: The bucket.
        target: The bucket of logs; its policy lets S3 write.
        name: The folder of its logs.
    """
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)
    resource.logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
        destination_bucket_name=target.bucket_name, log_file_prefix=f"{_BUCKETS_PREFIX}/{name}/"
    )


def log_door(
    scope: Construct,
    distribution: cloudfront.Distribution,
    target: s3.IBucket,
    deployment: Deployment,
) -> None:
    """Have CloudFront's requests logged, where the stack is in the region that can say so.

    Args:
        scope: Where it belongs.
        distribution: The distribution.
        target: The bucket of logs; its policy lets the delivery write.
        deployment: The deployment.
    """
    can_say = CfnCondition(
        scope, "IsDoorRegion", expression=Fn.condition_equals(Aws.REGION, DOOR_REGION)
    )
    source = logs.CfnDeliverySource(
        scope,
        "DoorLogSource",
        name=_door_name(deployment),
        resource_arn=distribution.distribution_arn,
        log_type="ACCESS_LOGS",
    )
    destination = logs.CfnDeliveryDestination(
        scope,
        "DoorLogDestination",
        name=_door_name(deployment),
        destination_resource_arn=target.bucket_arn,
        output_format="json",
    )
    delivery = logs.CfnDelivery(
        scope,
        "DoorLogDelivery",
        delivery_source_name=source.name,
        delivery_destination_arn=destination.attr_arn,
        record_fields=list(DOOR_FIELDS),
        s3_suffix_path="{yyyy}/{MM}/{dd}",
    )
    delivery.add_resource_dependency(source)
    for resource in (source, destination, delivery):
        resource.cfn_options.condition = can_say


def _door_name(deployment: Deployment) -> str:
    return f"ayinel-live-{deployment.environment}-door"
