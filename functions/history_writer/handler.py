"""Writes ended streams to the history; a database that is away delays them and loses none."""

from __future__ import annotations

from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.audience.store import AudienceItem, AudienceMarkerItem, ViewerItem
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.history.collecting import HistoryCollector
from ayinel_live.history.database import Database
from ayinel_live.history.erasure import HistoryErasure
from ayinel_live.history.migrations import migrate
from ayinel_live.history.store import HistoryStore
from ayinel_live.runtime import metrics as names
from ayinel_live.runtime.tables import bind_table
from ayinel_live.runtime.telemetry import Telemetry
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.store import StreamStore
from functions.history_writer.settings import HistoryWriterSettings
from functions.history_writer.writer import HistoryWriter

logger = Logger(service="history_writer")
settings = HistoryWriterSettings.from_environment()
telemetry = Telemetry("history_writer", settings.stage, logger)
bind_table(StreamItem, settings.streams_table)
bind_table(ViewerItem, settings.viewers_table)
bind_table(AudienceItem, settings.audience_table)
bind_table(AudienceMarkerItem, settings.audience_markers_table)
bind_table(ChatMessageItem, settings.chat_messages_table)
database = Database(settings.history_endpoint, settings.history_kind)
writer = HistoryWriter(
    StreamStore().record,
    HistoryCollector(),
    HistoryStore(database),
    HistoryErasure(database),
    partial(migrate, database),
)


@telemetry.watch
def handler(event: dict[str, Any], context: object) -> dict[str, object]:
    """Write the streams of a batch; those that cannot be written now come again."""
    failures = []
    written = 0
    for record in event["Records"]:
        try:
            written += writer.write(record["body"])
        except Exception:
            logger.exception("Could not write a stream.", message_id=record["messageId"])
            failures.append({"itemIdentifier": record["messageId"]})
    telemetry.count(names.STREAMS_WRITTEN, written)
    telemetry.count(names.STREAMS_DELAYED, len(failures))
    return {"batchItemFailures": failures}
