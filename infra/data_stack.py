"""What must outlive a change of code: tables, people, recordings, secrets and addresses.

The APIs stand here, without their routes, because their ids are addresses: CloudFront points at
them, and the functions behind them hand out addresses that CloudFront gives.
"""

from __future__ import annotations

from aws_cdk import Annotations, CfnOutput, Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_events as events
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from ayinel_live.runtime.names import Output, table_output
from ayinel_live.runtime.tables import TableItem
from ayinel_live.streams.deletion import BACKUP_LIFE
from infra.addresses import Addresses, connections_url, emulator_addresses
from infra.constructs.access_logs import access_log_bucket, log_bucket_access
from infra.constructs.history_database import history_database
from infra.constructs.house_channel import HouseChannel
from infra.constructs.live_table import LiveTable
from infra.constructs.recording_delivery import allow_cloudfront
from infra.constructs.token_issuer import token_issuer
from infra.deployment import Deployment
from infra.tables import ITEMS

_ALLOWED_HEADERS = ["authorization", "content-type", "idempotency-key", "if-none-match"]
_EXPOSED_HEADERS = ["content-disposition", "etag", "location", "retry-after"]
_PREFLIGHT_SECONDS = 3600
_INCOMPLETE_UPLOADS_KEPT = Duration.days(7)


def recording_lifecycle(kept_days: int) -> s3.LifecycleRule:
    """Return how long recordings are kept, and what was deleted of a bucket with versions.

    Args:
        kept_days: From a recording's writing on; 0 keeps it until it is deleted.
    """
    return s3.LifecycleRule(
        abort_incomplete_multipart_upload_after=_INCOMPLETE_UPLOADS_KEPT,
        expiration=Duration.days(kept_days) if kept_days else None,
        # A deletion must be one in the end: versions are backups, and go when those do.
        noncurrent_version_expiration=Duration.days(BACKUP_LIFE.days),
    )


class DataStack(Stack):
    """Tables, identity, recordings, bus, secrets and the two APIs.

    Args:
        scope: The app.
        deployment: The deployment.
    """

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        stage = deployment.stage
        super().__init__(
            scope,
            deployment.stack_name("Data"),
            description=f"Ayinel Live, {deployment.environment}: what it keeps",
            env=Environment(region=deployment.region),
            termination_protection=stage.is_protected,
        )
        self._deployment = deployment
        for warning in deployment.warnings:
            Annotations.of(self).add_warning_v2("ayinel-live:region", warning)
        self.tables = {item: self._table(item) for item in ITEMS}
        self.tokens = token_issuer(self, deployment)
        self.bus = events.EventBus(self, "Bus", description="What happens on Ayinel Live")
        self.access_logs = None if stage.is_local else access_log_bucket(self, deployment)
        self.recordings = self._recordings()
        self.house = (
            HouseChannel(self, self.recordings, deployment)
            if deployment.has_video_resources
            else None
        )
        self.history = history_database(self, deployment)
        self.ticket_secret = self._secret(
            "TicketSecret", "Signs chat tickets, viewer ids and page cursors"
        )
        # Filled by the function that makes the first key pair.
        self.playback_key_secret = self._secret(
            "PlaybackKeySecret", "The key pairs that sign private playback"
        )
        # Locally nothing stands before the APIs that could send it.
        self.origin_secret = (
            None
            if stage.is_local
            else self._secret("OriginSecret", "Proves that a request came through CloudFront")
        )
        # Filled by the function that makes the first key pair. Locally the bucket is open.
        self.recording_key_secret = (
            None
            if stage.is_local
            else self._secret("RecordingKeySecret", "The key pairs that sign recordings' addresses")
        )
        self.http_api = self._http_api()
        self.chat_api = gateway.CfnApi(
            self,
            "ChatApi",
            name=f"ayinel-live-{deployment.environment}-chat",
            protocol_type="WEBSOCKET",
            route_selection_expression="$request.body.action",
        )
        self._outputs()

    @property
    def recording_configuration_arn(self) -> str:
        """How channels are recorded; empty where nothing records them."""
        return self.house.recording_configuration_arn if self.house else ""

    @property
    def connections_url(self) -> str:
        """The base of `@connections`, which functions post through."""
        return connections_url(self.chat_api.ref, self._emulator_url)

    @property
    def emulator_addresses(self) -> Addresses | None:
        """Where the APIs are reached on one machine; None on AWS, where CloudFront is."""
        if self._emulator_url is None:
            return None
        return emulator_addresses(
            self._emulator_url, self.http_api.ref, self.chat_api.ref, self.recordings.bucket_name
        )

    @property
    def _emulator_url(self) -> str | None:
        deployment = self._deployment
        return deployment.context.aws_endpoint_url if deployment.stage.is_local else None

    def _table(self, item: type[TableItem]) -> LiveTable:
        table = LiveTable(self, item, self._deployment.stage)
        name = table_output(item.logical_name)
        CfnOutput(table, "Name", value=table.table.table_name).override_logical_id(name)
        return table

    def _recordings(self) -> s3.Bucket:
        is_protected = self._deployment.stage.is_protected
        bucket = s3.Bucket(
            self,
            "Recordings",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            versioned=is_protected,
            removal_policy=RemovalPolicy.RETAIN if is_protected else RemovalPolicy.DESTROY,
            lifecycle_rules=[recording_lifecycle(self._deployment.stage.recording_retention_days)],
        )
        if not self._deployment.stage.is_local:
            allow_cloudfront(bucket)
        if self.access_logs is not None:
            log_bucket_access(bucket, self.access_logs, "recordings")
        return bucket

    def _secret(self, name: str, purpose: str) -> secrets.Secret:
        """Make a secret of the form `{"current": …}`; rotation adds `previous`."""
        return secrets.Secret(
            self,
            name,
            description=purpose,
            generate_secret_string=secrets.SecretStringGenerator(
                secret_string_template="{}",  # noqa: S106  an empty object
                generate_string_key="current",
                password_length=64,
                exclude_punctuation=True,
            ),
        )

    def _http_api(self) -> gateway.CfnApi:
        return gateway.CfnApi(
            self,
            "HttpApi",
            name=f"ayinel-live-{self._deployment.environment}-http",
            protocol_type="HTTP",
            cors_configuration=gateway.CfnApi.CorsProperty(
                # Bearer tokens and no cookies: a page of another origin gains nothing that a
                # program of its visitor could not do, and players are embedded elsewhere.
                allow_origins=["*"],
                allow_methods=["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"],
                allow_headers=_ALLOWED_HEADERS,
                expose_headers=_EXPOSED_HEADERS,
                max_age=_PREFLIGHT_SECONDS,
            ),
        )

    def _outputs(self) -> None:
        values = {
            Output.EVENT_BUS_NAME: self.bus.event_bus_name,
            Output.RECORDING_BUCKET: self.recordings.bucket_name,
            Output.TICKET_SECRET_ARN: self.ticket_secret.secret_arn,
            Output.CONNECTIONS_URL: self.connections_url,
        }
        if self.emulator_addresses is not None:
            values[Output.API_URL] = self.emulator_addresses.api_url
            values[Output.CHAT_URL] = self.emulator_addresses.chat_url
        if self.house is not None:
            values[Output.HOUSE_CHANNEL_ARN] = self.house.channel_arn
            values[Output.RECORDING_CONFIGURATION_ARN] = self.house.recording_configuration_arn
        if self.history.cluster is not None:
            values[Output.HISTORY_ENDPOINT] = self.history.endpoint
        for output, value in values.items():
            CfnOutput(self, output, value=value)
