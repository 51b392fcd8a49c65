"""The response headers of the pages on CloudFront."""

from __future__ import annotations

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from infra.deployment import Deployment
from infra.page_headers import OTHER_HEADERS, content_security_policy

# Playlists, segments and thumbnails of Amazon IVS.
_VIDEO_SOURCES = ("https://*.live-video.net",)


def page_responses(scope: Construct, deployment: Deployment) -> cloudfront.ResponseHeadersPolicy:
    """Make the policy.

    Args:
        scope: Where it belongs.
        deployment: The deployment.
    """
    issuer = deployment.context.oidc_issuer
    sign_in = issuer or f"https://cognito-idp.{Aws.REGION}.amazonaws.com"
    policy = content_security_policy(
        [sign_in, *_VIDEO_SOURCES],
        _VIDEO_SOURCES,
        player_url=deployment.context.ivs_player_url,
    )
    return cloudfront.ResponseHeadersPolicy(
        scope,
        "PageResponses",
        comment=f"Pages of Ayinel Live, {deployment.environment}",
        security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
            content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                content_security_policy=policy, override=True
            ),
            content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
            referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                referrer_policy=(cloudfront.HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN),
                override=True,
            ),
            strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                access_control_max_age=Duration.days(365),
                include_subdomains=True,
                override=True,
            ),
        ),
        custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
            custom_headers=[
                cloudfront.ResponseCustomHeader(header=name, value=value, override=True)
                for name, value in OTHER_HEADERS.items()
                if name not in {"x-content-type-options", "referrer-policy"}
            ]
        ),
    )
