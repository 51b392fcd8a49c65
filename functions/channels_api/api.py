"""What the function starts with; endpoints and what they stand on come with its first request."""

from __future__ import annotations

from aws_lambda_powertools import Logger

from ayinel_live.identity.origin import origin_secrets
from ayinel_live.runtime.http import HttpApi
from ayinel_live.runtime.telemetry import Telemetry
from functions.channels_api.settings import ChannelsApiSettings

settings = ChannelsApiSettings.from_environment()
logger = Logger(service="channels_api")
telemetry = Telemetry("channels_api", settings.stage, logger)
api = HttpApi(
    logger,
    origin_secrets(settings.origin_secret_arn),
    telemetry,
    modules=["functions.channels_api.endpoints"],
)
