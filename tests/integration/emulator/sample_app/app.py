"""A small app with one of everything that the product deploys, for the emulator's tests."""

import sys
from pathlib import Path

from aws_cdk import App, CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_ivs as ivs
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm

RUNTIME = functions.Runtime(f"python{sys.version_info.major}.{sys.version_info.minor}")
HANDLERS = Path(__file__).parent / "handlers"


class SampleStack(Stack):
    def __init__(self, scope: App) -> None:
        super().__init__(scope, "Sample")
        self.journal = self.table("Journal", "subject", "at")
        self.items = self.table("Items", "id", stream=True)
        self.http_api()
        self.websocket_api()
        self.stream_worker()
        self.queue_worker()
        self.event_listeners()
        if self.node.try_get_context("video") == "yes":
            self.channel()

    def table(
        self, name: str, key: str, sort: str | None = None, *, stream: bool = False
    ) -> dynamodb.Table:
        text = dynamodb.AttributeType.STRING
        table = dynamodb.Table(
            self,
            name,
            partition_key=dynamodb.Attribute(name=key, type=text),
            sort_key=dynamodb.Attribute(name=sort, type=text) if sort else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            removal_policy=RemovalPolicy.DESTROY,
            time_to_live_attribute="expiresAt" if stream else None,
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if stream else None,
        )
        CfnOutput(self, f"{name}TableName", value=table.table_name)
        return table

    def function(self, name: str, entry: str, **environment: str) -> functions.Function:
        function = functions.Function(
            self,
            name,
            runtime=RUNTIME,
            handler=f"sample.{entry}",
            code=functions.Code.from_asset(str(HANDLERS)),
            timeout=Duration.seconds(20),
            environment={"JOURNAL": self.journal.table_name, "SUBJECT": name, **environment},
        )
        self.journal.grant_read_write_data(function)
        return function

    def http_api(self) -> None:
        pool = cognito.UserPool(self, "Users", removal_policy=RemovalPolicy.DESTROY)
        client = pool.add_client(
            "Client", auth_flows=cognito.AuthFlow(admin_user_password=True, user_password=True)
        )
        api = gateway.HttpApi(
            self,
            "HttpApi",
            cors_preflight=gateway.CorsPreflightOptions(
                allow_origins=["http://localhost:8000"],
                allow_methods=[gateway.CorsHttpMethod.GET, gateway.CorsHttpMethod.POST],
                allow_headers=["authorization", "content-type"],
            ),
        )
        echo = integrations.HttpLambdaIntegration("Echo", self.function("Echo", "echo"))
        api.add_routes(path="/open", methods=[gateway.HttpMethod.ANY], integration=echo)
        api.add_routes(
            path="/mine/{id}",
            methods=[gateway.HttpMethod.GET],
            integration=echo,
            authorizer=authorizers.HttpJwtAuthorizer(
                "Jwt", pool.user_pool_provider_url, jwt_audience=[client.user_pool_client_id]
            ),
        )
        CfnOutput(self, "HttpUrl", value=api.api_endpoint)
        CfnOutput(self, "PoolId", value=pool.user_pool_id)
        CfnOutput(self, "ClientId", value=client.user_pool_client_id)

    def websocket_api(self) -> None:
        socket = self.function("Socket", "socket")
        route = gateway.WebSocketRouteOptions(
            integration=integrations.WebSocketLambdaIntegration("Socket", socket)
        )
        api = gateway.WebSocketApi(
            self,
            "ChatApi",
            connect_route_options=gateway.WebSocketRouteOptions(
                integration=integrations.WebSocketLambdaIntegration("Connect", socket),
                authorizer=authorizers.WebSocketLambdaAuthorizer(
                    "Ticket",
                    self.function("Authorizer", "authorize"),
                    identity_source=["route.request.querystring.ticket"],
                ),
            ),
            disconnect_route_options=route,
            default_route_options=route,
        )
        api.add_route("send", integration=integrations.WebSocketLambdaIntegration("Send", socket))
        stage = gateway.WebSocketStage(
            self, "ChatStage", web_socket_api=api, stage_name="live", auto_deploy=True
        )
        stage.grant_management_api_access(socket)
        CfnOutput(self, "SocketUrl", value=stage.url)

    def stream_worker(self) -> None:
        worker = self.function("StreamWorker", "note_records")
        failures = sqs.Queue(self, "StreamFailures")
        worker.add_event_source(
            sources.DynamoEventSource(
                self.items,
                starting_position=functions.StartingPosition.TRIM_HORIZON,
                batch_size=100,
                bisect_batch_on_error=True,
                retry_attempts=2,
                report_batch_item_failures=True,
                on_failure=sources.SqsDlq(failures),
                filters=[
                    functions.FilterCriteria.filter(
                        {"eventName": functions.FilterRule.or_("INSERT", "REMOVE")}
                    )
                ],
            )
        )

    def queue_worker(self) -> None:
        queue = sqs.Queue(
            self,
            "Moderation",
            fifo=True,
            fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP,
            visibility_timeout=Duration.seconds(120),
            dead_letter_queue=sqs.DeadLetterQueue(
                max_receive_count=3, queue=sqs.Queue(self, "ModerationFailures", fifo=True)
            ),
        )
        self.function("QueueWorker", "note_records").add_event_source(
            sources.SqsEventSource(
                queue, batch_size=10, report_batch_item_failures=True, max_concurrency=4
            )
        )
        CfnOutput(self, "QueueUrl", value=queue.queue_url)

    def event_listeners(self) -> None:
        listener = self.function("VideoListener", "note_event")
        events.Rule(
            self,
            "VideoEvents",
            event_pattern=events.EventPattern(
                source=["aws.ivs"], detail_type=["IVS Stream State Change"]
            ),
            targets=[
                targets.LambdaFunction(listener, dead_letter_queue=sqs.Queue(self, "VideoFailures"))
            ],
        )
        events.Rule(
            self,
            "EveryMinute",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[targets.LambdaFunction(self.function("Minutely", "note_event"))],
        )

    def channel(self) -> None:
        bucket = s3.Bucket(self, "Recordings", removal_policy=RemovalPolicy.DESTROY)
        recording = ivs.CfnRecordingConfiguration(
            self,
            "Recording",
            name="sample-recording",
            recording_reconnect_window_seconds=30,
            destination_configuration=ivs.CfnRecordingConfiguration.DestinationConfigurationProperty(
                s3=ivs.CfnRecordingConfiguration.S3DestinationConfigurationProperty(
                    bucket_name=bucket.bucket_name
                )
            ),
        )
        house = ivs.CfnChannel(
            self,
            "House",
            name="sample-house",
            latency_mode="LOW",
            type="STANDARD",
            insecure_ingest=True,
            recording_configuration_arn=recording.attr_arn,
        )
        ssm.StringParameter(
            self, "Ingest", parameter_name="/sample/ingest", string_value=house.attr_ingest_endpoint
        )
        CfnOutput(self, "ChannelRef", value=house.ref)
        CfnOutput(self, "PlaybackUrl", value=house.attr_playback_url)
        CfnOutput(self, "RecordingRef", value=recording.ref)


app = App()
SampleStack(app)
app.synth()
