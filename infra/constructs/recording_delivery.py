"""Recordings on CloudFront: whoever shows a signature of ours gets them, nobody else does.

The key group begins with a key that signs nothing, because it may not be empty and the first pair
is made by a function that is deployed after it. From then on the function alone says which keys are
in it; CloudFormation changes nothing there as long as this file does not.
"""

from __future__ import annotations

from aws_cdk import Annotations, Aws, Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.house_channel import RECORDINGS_PREFIX

# The modulus is RSA-2048 of the RSA Factoring Challenge (1991): of all keys of this size the one
# that is known to have no owner.
STAND_IN_KEY = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAx5cM7tzDsHVEkCAaeqYT
zXOREIHHkPXxqHJvRjVQu1t/8NuOHqEYnscvk9FlABG9chrurMKs3jKgQQfwZIwo
E6MfWwt3Zf+LRLS2/8kzhLZG6wnHz16FktQOozyAA581tPFKBLUfe/14G+TRZzFk
uo65kcLE1zC7vjX1kr3vUkr36Nrv0mxm/ALEea+J1k03P0QnCUOd5mzrlV8+o31R
WfYTWAn4UzS1yxgTrdyAzQVgnxCsapWtZYcskJUlva0yvHKVkmQpIPJMYdxbPDt5
I+VrFqTZ03PYch8ko/wPGzEx9VYVFyhmvMww+VBUyCTnM6XraBf3vBY5nUjGNhzH
5QIDAQAB
-----END PUBLIC KEY-----
"""
_LATEST = "*/latest_thumbnail/*"
# A live picture is made every ten seconds.
_LATEST_CACHED = Duration.seconds(10)
# Nothing of a recording changes; this is how long CloudFront may remember an erased one.
_RECORDINGS_CACHED = Duration.hours(1)


class RecordingDelivery(Construct):
    """The behaviours that serve recordings, and the keys that they trust.

    Args:
        scope: Where it belongs.
        bucket_name: Where recordings lie.
    """

    def __init__(self, scope: Construct, bucket_name: str) -> None:
        super().__init__(scope, "RecordingDelivery")
        # By name: the bucket stands with the data, which must not wait for CloudFront.
        bucket = s3.Bucket.from_bucket_name(self, "Bucket", bucket_name)
        self._origin = origins.S3BucketOrigin.with_origin_access_control(bucket)
        # The bucket's own policy lets CloudFront in: `allow_cloudfront`.
        Annotations.of(scope).acknowledge_warning(
            "@aws-cdk/aws-cloudfront-origins:updateImportedBucketPolicyOac"
        )
        stand_in = cloudfront.PublicKey(
            self, "StandInKey", encoded_key=STAND_IN_KEY, comment="Nobody's, until the first pair"
        )
        group = cloudfront.KeyGroup(
            self, "Keys", items=[stand_in], comment="Whose signatures open recordings"
        )
        self._group = group
        self.key_group_id = group.key_group_id
        self.stand_in_key_id = stand_in.public_key_id

    def behaviours(self) -> dict[str, cloudfront.BehaviorOptions]:
        """Return the behaviours by path, the narrower first: CloudFront takes the first match."""
        return {
            f"/{RECORDINGS_PREFIX}/{_LATEST}": self._behaviour("Pictures", _LATEST_CACHED),
            f"/{RECORDINGS_PREFIX}/*": self._behaviour("Recordings", _RECORDINGS_CACHED),
        }

    def _behaviour(self, name: str, cached: Duration) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=self._origin,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            trusted_key_groups=[self._group],
            # Signatures are no part of the key: CloudFront takes them off first.
            cache_policy=cloudfront.CachePolicy(
                self,
                f"{name}Cache",
                min_ttl=Duration.seconds(0),
                default_ttl=cached,
                max_ttl=cached,
                query_string_behavior=cloudfront.CacheQueryStringBehavior.none(),
                header_behavior=cloudfront.CacheHeaderBehavior.none(),
                cookie_behavior=cloudfront.CacheCookieBehavior.none(),
                enable_accept_encoding_gzip=True,
                enable_accept_encoding_brotli=True,
            ),
            # Players are embedded elsewhere; the signature is in the address.
            response_headers_policy=cloudfront.ResponseHeadersPolicy.CORS_ALLOW_ALL_ORIGINS,
            compress=True,
        )


def allow_cloudfront(bucket: s3.Bucket) -> None:
    """Let the account's CloudFront read recordings.

    Any distribution of the account, because naming this one would have the data wait for what
    stands on it; who may make distributions in the account is for IAM to say.

    Args:
        bucket: Where recordings lie.
    """
    distributions = f"arn:{Aws.PARTITION}:cloudfront::{Aws.ACCOUNT_ID}:distribution/*"
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects(f"{RECORDINGS_PREFIX}/*")],
            conditions={
                "StringEquals": {"AWS:SourceAccount": Aws.ACCOUNT_ID},
                "ArnLike": {"AWS:SourceArn": distributions},
            },
        )
    )
