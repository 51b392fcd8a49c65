"""Names of the metrics, shared by the functions that emit them and the dashboards that show them.

Past-tense PascalCase; dimensions are `service` and `stage` only. Emitted in the embedded metric
format (EMF), which costs no API call.
"""

from __future__ import annotations

NAMESPACE = "AyinelLive"

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
