"""The public door: CloudFront before the pages and both APIs.

It tells the functions the viewer's country and kind of device, caches what may be cached, bears
the firewall that HTTP and WebSocket APIs cannot, and proves by a secret header that a request came
this way. `Host` is not forwarded: API Gateway answers to its own name alone.
"""

from __future__ import annotations

from aws_cdk import Annotations, Aws, CfnOutput, Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_certificatemanager as certificates
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ayinel_live.runtime.http import ORIGIN_SECRET_HEADER
from ayinel_live.runtime.names import CHAT_STAGE, Output
from functions.routes import BASE_PATH
from infra.addresses import public_addresses
from infra.constructs.access_logs import log_bucket_access, log_door
from infra.constructs.firewall import firewall
from infra.constructs.page_responses import page_responses
from infra.constructs.recording_delivery import RecordingDelivery
from infra.data_stack import DataStack
from infra.deployment import Deployment

# Ten headers are the most that a policy takes, and `Authorization` goes into a cache key only.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
_HTTP_HEADERS = (
    "Access-Control-Request-Headers",
    "Access-Control-Request-Method",
    "CloudFront-Is-Mobile-Viewer",
    "CloudFront-Is-SmartTV-Viewer",
    "CloudFront-Is-Tablet-Viewer",
    "CloudFront-Viewer-Address",
    "CloudFront-Viewer-Country",
    "Content-Type",
    "Idempotency-Key",
    "Referer",
)
_CHAT_HEADERS = (
    "Origin",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Version",
)
# Where no cookie is forwarded, CloudFront takes `Set-Cookie` off the answers too, and the API sets
# those that open a recording. It reads none.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Cookies.html
_COOKIES = ("CloudFront-Key-Pair-Id",)
_LONGEST_CACHED = Duration.seconds(60)
_MISSING_CACHED = Duration.seconds(10)
# `/watch` is the file `watch.html`.
_CLEAN_URLS = """
function handler(event) {
  var request = event.request;
  var last = request.uri.substring(request.uri.lastIndexOf('/') + 1);
  if (last === '') request.uri += 'index.html';
  else if (last.indexOf('.') === -1) request.uri += '.html';
  return request;
}
"""


class WebStack(Stack):
    """Bucket of the pages, CloudFront, firewall.

    Args:
        scope: The app.
        deployment: The deployment.
        data: Has the APIs and the header's secret.
    """

    def __init__(self, scope: Construct, deployment: Deployment, data: DataStack) -> None:
        stage = deployment.stage
        super().__init__(
            scope,
            deployment.stack_name("Web"),
            description=f"Ayinel Live, {deployment.environment}: the public door",
            env=Environment(region=deployment.region),
            termination_protection=stage.is_protected,
        )
        self._deployment = deployment
        self._data = data
        self.pages = self._pages_bucket()
        context = deployment.context
        certificate = None
        if context.certificate_arn:
            certificate = certificates.Certificate.from_certificate_arn(
                self, "Certificate", context.certificate_arn
            )
        recordings = RecordingDelivery(self, data.recordings.bucket_name)
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"Ayinel Live, {deployment.environment}",
            default_root_object="index.html",
            default_behavior=self._pages(),
            additional_behaviors={
                f"{BASE_PATH}*": self._http(),
                f"/{CHAT_STAGE}": self._chat(),
                **recordings.behaviours(),
            },
            error_responses=[
                cloudfront.ErrorResponse(
                    http_status=404, response_page_path="/404.html", ttl=_MISSING_CACHED
                )
            ],
            domain_names=[context.domain_name] if context.domain_name else None,
            certificate=certificate,
            # CloudFront's own name has no choice.
            minimum_protocol_version=(
                cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021 if certificate else None
            ),
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=(
                cloudfront.PriceClass.PRICE_CLASS_ALL
                if stage.is_protected
                else cloudfront.PriceClass.PRICE_CLASS_100
            ),
            web_acl_id=firewall(self, deployment),
        )
        if data.access_logs is not None:
            log_bucket_access(self.pages, data.access_logs, "pages")
            log_door(self, distribution, data.access_logs, deployment)
        # Whoever lists finds the names of public pages.
        Annotations.of(self).acknowledge_warning(
            "@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk"
        )
        host = context.domain_name or distribution.distribution_domain_name
        self.addresses = public_addresses(
            host,
            distribution.distribution_id,
            recordings.key_group_id,
            recordings.stand_in_key_id,
        )
        CfnOutput(self, Output.WEB_URL, value=f"https://{host}")
        CfnOutput(self, Output.API_URL, value=self.addresses.api_url)
        CfnOutput(self, Output.CHAT_URL, value=self.addresses.chat_url)
        CfnOutput(self, Output.WEB_BUCKET, value=self.pages.bucket_name)
        CfnOutput(self, Output.DISTRIBUTION_ID, value=distribution.distribution_id)

    def _pages_bucket(self) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Pages",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            # Built from the repository: nothing in it is lost for good.
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _pages(self) -> cloudfront.BehaviorOptions:
        clean_urls = cloudfront.Function(
            self,
            "CleanUrls",
            code=cloudfront.FunctionCode.from_inline(_CLEAN_URLS),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
        )
        return cloudfront.BehaviorOptions(
            # May list, so that S3 says 404 and not 403 of what is not there.
            origin=origins.S3BucketOrigin.with_origin_access_control(
                self.pages,
                origin_access_levels=[cloudfront.AccessLevel.READ, cloudfront.AccessLevel.LIST],
            ),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            compress=True,
            response_headers_policy=page_responses(self, self._deployment),
            function_associations=[
                cloudfront.FunctionAssociation(
                    event_type=cloudfront.FunctionEventType.VIEWER_REQUEST, function=clean_urls
                )
            ],
        )

    def _http(self) -> cloudfront.BehaviorOptions:
        """Let the API itself say what may be cached; who calls is part of the key."""
        return cloudfront.BehaviorOptions(
            origin=self._api_origin(self._data.http_api),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy(
                self,
                "HttpCache",
                comment="As the API says, a minute at most, apart for each caller and origin",
                min_ttl=Duration.seconds(0),
                default_ttl=Duration.seconds(0),
                max_ttl=_LONGEST_CACHED,
                query_string_behavior=cloudfront.CacheQueryStringBehavior.all(),
                header_behavior=cloudfront.CacheHeaderBehavior.allow_list(
                    "Authorization", "Origin"
                ),
                cookie_behavior=cloudfront.CacheCookieBehavior.none(),
                enable_accept_encoding_gzip=True,
                enable_accept_encoding_brotli=True,
            ),
            origin_request_policy=self._forwarding(
                "HttpForwarding", _HTTP_HEADERS, cookies=_COOKIES
            ),
            compress=True,
        )

    def _chat(self) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=self._api_origin(self._data.chat_api),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=self._forwarding("ChatForwarding", _CHAT_HEADERS),
        )

    def _forwarding(
        self, name: str, headers: tuple[str, ...], cookies: tuple[str, ...] = ()
    ) -> cloudfront.OriginRequestPolicy:
        return cloudfront.OriginRequestPolicy(
            self,
            name,
            header_behavior=cloudfront.OriginRequestHeaderBehavior.allow_list(*headers),
            query_string_behavior=cloudfront.OriginRequestQueryStringBehavior.all(),
            cookie_behavior=(
                cloudfront.OriginRequestCookieBehavior.allow_list(*cookies)
                if cookies
                else cloudfront.OriginRequestCookieBehavior.none()
            ),
        )

    def _api_origin(self, api: gateway.CfnApi) -> origins.HttpOrigin:
        secret = self._data.origin_secret
        headers = {}
        if secret is not None:
            # A dynamic reference: CloudFormation puts the value in, the template never holds it.
            value = secret.secret_value_from_json("current")
            headers[ORIGIN_SECRET_HEADER] = value.unsafe_unwrap()
        return origins.HttpOrigin(
            f"{api.ref}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}",
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
            read_timeout=Duration.seconds(30),
            custom_headers=headers,
        )
