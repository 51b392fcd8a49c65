"""What the function starts with; endpoints and what they stand on come with its first request."""

from __future__ import annotations

from aws_lambda_powertools import Logger

from ayinel_live.identity.origin import origin_secrets
from ayinel_live.runtime.http import HttpApi
from ayinel_live.runtime.telemetry import Telemetry
from functions.analytics_api.settings import AnalyticsApiSettings

settings = AnalyticsApiSettings.from_environment()
logger = Logger(service="analytics_api")
telemetry = Telemetry("analytics_api", settings.stage, logger)
api = HttpApi(
    logger,
    origin_secrets(settings.origin_secret_arn),
    telemetry,
    modules=["functions.analytics_api.endpoints"],
)
