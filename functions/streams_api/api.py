"""What the function starts with; endpoints and what they stand on come with their first request."""

from __future__ import annotations

from aws_lambda_powertools import Logger

from ayinel_live.identity.origin import origin_secrets
from ayinel_live.runtime.http import HttpApi
from ayinel_live.runtime.telemetry import Telemetry
from functions.streams_api.settings import StreamsApiSettings

settings = StreamsApiSettings.from_environment()
logger = Logger(service="streams_api")
telemetry = Telemetry("streams_api", settings.stage, logger)
api = HttpApi(
    logger,
    origin_secrets(settings.origin_secret_arn),
    telemetry,
    modules=[
        "functions.streams_api.watching",
        "functions.streams_api.broadcasting",
        "functions.streams_api.owning",
        "functions.streams_api.operating",
    ],
)
