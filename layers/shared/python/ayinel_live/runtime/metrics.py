"""Names of the metrics, shared by the functions that emit them and the dashboards that show them.

Past-tense PascalCase; dimensions are `service` and `stage` only. Emitted in the embedded metric
format (EMF), which costs no API call.
"""

from __future__ import annotations

NAMESPACE = "AyinelLive"

# every function, by `runtime.telemetry`
FUNCTION_STARTED = "FunctionStarted"
FAULTS_RAISED = "FaultsRaised"
INVOCATIONS_PUT_OFF = "InvocationsPutOff"

# the APIs, by `runtime.http`
REQUESTS_REFUSED = "RequestsRefused"
REQUESTS_FAILED = "RequestsFailed"

# streams_api
STREAMS_STARTED = "StreamsStarted"
STREAMS_STOPPED = "StreamsStopped"
REPORTS_FILED = "ReportsFiled"

# ivs_events
EVENTS_LEARNED = "EventsLearned"
EVENTS_SET_ASIDE = "EventsSetAside"
STREAMS_WENT_LIVE = "StreamsWentLive"
STREAMS_ENDED = "StreamsEnded"
STREAMS_STARVED = "StreamsStarved"

# reconciler
STREAMS_MENDED = "StreamsMended"
STREAMS_NOT_MENDED = "StreamsNotMended"

# stream_events
EVENTS_PUBLISHED = "EventsPublished"

# chat_api
TICKETS_ISSUED = "TicketsIssued"
HELD_MESSAGES_DECIDED = "HeldMessagesDecided"

# chat_socket
CONNECTIONS_OPENED = "ConnectionsOpened"
CONNECTIONS_REFUSED = "ConnectionsRefused"
CONNECTIONS_CLOSED = "ConnectionsClosed"
MESSAGES_ACCEPTED = "MessagesAccepted"
MESSAGES_REJECTED = "MessagesRejected"
FRAMES_REFUSED = "FramesRefused"
FRAMES_FAILED = "FramesFailed"

# moderation_worker
MESSAGES_JUDGED = "MessagesJudged"
MESSAGES_HELD = "MessagesHeld"
MESSAGES_BLOCKED = "MessagesBlocked"
MESSAGES_RETRIED = "MessagesRetried"
JUDGING_FAILED = "JudgingFailed"
MODERATION_TOOK = "ModerationTook"

# fault_reporter
FAULTS_REPORTED = "FaultsReported"

# canary
CANARY_SUCCEEDED = "CanarySucceeded"
CANARY_FAILED = "CanaryFailed"
CANARY_TOOK = "CanaryTook"

# fan_out_worker
CHANGES_READ = "ChangesRead"
POSTINGS_SENT = "PostingsSent"
RECORDS_SET_ASIDE = "RecordsSetAside"

# post_worker
POSTS_DELIVERED = "PostsDelivered"
POSTS_RETRIED = "PostsRetried"
POSTS_THROTTLED = "PostsThrottled"
POSTS_REFUSED = "PostsRefused"
POSTS_LEFT = "PostsLeft"
POSTS_GIVEN_UP = "PostsGivenUp"
CONNECTIONS_GONE = "ConnectionsGone"
FRAMES_MADE = "FramesMade"
EVENTS_DELIVERED = "EventsDelivered"
MESSAGES_SET_ASIDE = "MessagesSetAside"

# audience_worker
VIEWERS_COUNTED = "ViewersCounted"
STREAMS_RETRIED = "StreamsRetried"

# sweeper
CONNECTIONS_SWEPT = "ConnectionsSwept"
DEPARTURES_TAKEN = "DeparturesTaken"

# history_writer
STREAMS_WRITTEN = "StreamsWritten"
STREAMS_DELAYED = "StreamsDelayed"
