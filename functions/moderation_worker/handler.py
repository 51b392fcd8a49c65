"""Wiring of the moderation worker, and the translation between SQS and screening."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.channels.chat_settings_reader import ChatSettingsReader, RememberedChatSettings
from ayinel_live.chat.message_store import MessageStore
from ayinel_live.chat.screening import Screening
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.moderation.classifier import Classifier
from ayinel_live.moderation.comprehend import ComprehendClassifier
from ayinel_live.moderation.local_classifier import LocalClassifier
from ayinel_live.moderation.moderator import Moderator
from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.correlation import working_on
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.tables import bind_table
from ayinel_live.runtime.telemetry import Telemetry
from functions.moderation_worker.batch import Batch
from functions.moderation_worker.queues import ModerationLane, RevealQueue
from functions.moderation_worker.settings import ModerationWorkerSettings

settings = ModerationWorkerSettings.from_environment()
bind_table(ChatMessageItem, settings.chat_messages_table)
bind_table(IdempotencyItem, settings.idempotency_table)


def classifier_for(kind: str) -> Classifier:
    """Return the classifier that the settings name.

    Args:
        kind: `comprehend`, or `local`, which also stands in for Comprehend.
    """
    local = LocalClassifier()
    if kind == "local":
        return local
    client = aws_client("comprehend", connect_timeout_seconds=1, read_timeout_seconds=2, attempts=2)
    return ComprehendClassifier(client, local)


logger = Logger()
telemetry = Telemetry("moderation_worker", settings.stage, logger)
moderator = Moderator(classifier_for(settings.classifier))
screening = Screening(
    MessageStore(),
    moderator.moderate_batch,
    RememberedChatSettings(ChatSettingsReader(settings.channels_table)),
    RevealQueue(settings.reveals_queue_url),
)
lane = ModerationLane(settings.moderation_queue_url, settings.set_aside_queue_url)


@telemetry.watch
def handler(event: Mapping[str, Any], context: object) -> dict[str, object]:
    """Work off a batch of either queue and answer which messages have to come again."""
    records = event["Records"]
    if "MessageGroupId" in records[0]["attributes"]:
        failed = Batch(screening, lane, logger, telemetry).work(records)
    else:
        failed = _reveal(records)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _reveal(records: list[Mapping[str, Any]]) -> list[str]:
    failed = []
    # By id, so that messages of one sender appear in the order in which they were sent.
    bodies = [(json.loads(record["body"])["reveal"], record) for record in records]
    for reveal, record in sorted(bodies, key=lambda pair: str(pair[0]["messageId"])):
        try:
            with working_on(record):
                screening.reveal(reveal["streamId"], reveal["messageId"])
        except Exception:
            logger.exception("reveal_failed")
            failed.append(record["messageId"])
    return failed
