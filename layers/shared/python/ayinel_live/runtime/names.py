"""Names that the deployment gives and others read: stack outputs, groups, bus sources.

The CDK app, the one-machine runtime and the end-to-end tests import these and spell none of them.
"""

from __future__ import annotations

from enum import StrEnum

OPERATOR_GROUP = "operators"
# The `source` of every event that the product puts on the platform's bus.
EVENT_SOURCE = "ayinel.live"
CHAT_STAGE = "chat"
# The stream whose chat the canary walks, the same in every deployment, and whose it is.
HOUSE_STREAM_ID = "00000000000000000000CANARY"
HOUSE_USER_ID = "ayinel-live-house"


class Output(StrEnum):
    """Outputs of the stacks; each name stands in one stack only, so outputs may be merged."""

    API_URL = "ApiUrl"
    CHAT_URL = "ChatUrl"
    CONNECTIONS_URL = "ConnectionsUrl"
    WEB_URL = "WebUrl"
    WEB_BUCKET = "WebBucket"
    DISTRIBUTION_ID = "DistributionId"
    USER_POOL_ID = "UserPoolId"
    USER_POOL_CLIENT_ID = "UserPoolClientId"
    TOKEN_ISSUER = "TokenIssuer"  # noqa: S105  the name of an output
    TOKEN_AUDIENCES = "TokenAudiences"  # noqa: S105  the name of an output
    EVENT_BUS_NAME = "EventBusName"
    RECORDING_BUCKET = "RecordingBucket"
    RECORDING_CONFIGURATION_ARN = "RecordingConfigurationArn"
    HOUSE_CHANNEL_ARN = "HouseChannelArn"
    ALARM_TOPIC_ARN = "AlarmTopicArn"
    FAULT_TOPIC_ARN = "FaultTopicArn"
    HISTORY_ENDPOINT = "HistoryEndpoint"
    TICKET_SECRET_ARN = "TicketSecretArn"  # noqa: S105  the name of an output


def table_output(logical_name: str) -> str:
    """Return the output that holds a table's physical name.

    Args:
        logical_name: Such as `Streams`.
    """
    return f"{logical_name}TableName"


def queue_output(logical_name: str) -> str:
    """Return the output that holds a queue's URL.

    Args:
        logical_name: Such as `Moderation`, or `ModerationFailures` for its dead-letter queue.
    """
    return f"{logical_name}QueueUrl"
