"""What the endpoints stand on, made once with the first request."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from ayinel_live.audience.service import AudienceReader
from ayinel_live.audience.store import AudienceItem
from ayinel_live.channels.moderation_log import ModerationLogItem, ModerationLogStore
from ayinel_live.channels.store import ChannelItem, MemberItem
from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.identity.callers import Caller, caller_from_claims
from ayinel_live.identity.tokens import TokenVerifier
from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.http import Request
from ayinel_live.runtime.idempotency import IdempotencyItem, IdempotencyStore
from ayinel_live.runtime.rate_limits import RateLimits
from ayinel_live.runtime.tables import bind_table
from ayinel_live.streams.deletion import ErasureQueue, StreamDeletion
from ayinel_live.streams.editing import StreamEditing
from ayinel_live.streams.ending import StreamEnding
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.invitations import Invitations
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.listing import StreamLists
from ayinel_live.streams.oversight import Oversight
from ayinel_live.streams.playback import Playback
from ayinel_live.streams.recordings import Recordings
from ayinel_live.streams.reports import ReportItem, Reports
from ayinel_live.streams.service import StreamReader
from ayinel_live.streams.starting import StreamStarting
from ayinel_live.streams.store import StreamStore
from ayinel_live.streams.timed_metadata import TimedMetadata
from ayinel_live.video.budget import RequestBudget
from ayinel_live.video.playback_keys import PlaybackKeys, PlaybackKeySecret
from ayinel_live.video.providers import make_provider
from functions.streams_api.api import settings
from functions.streams_api.secrets import recording_key

# Below the function's time-out and the gateway's thirty seconds, with room for the tables.
BUDGET_SECONDS = 9.0

bind_table(ChannelItem, settings.channels_table)
bind_table(StreamItem, settings.streams_table)
bind_table(MemberItem, settings.members_table)
bind_table(InvitationItem, settings.invitations_table)
bind_table(ReportItem, settings.reports_table)
bind_table(ModerationLogItem, settings.moderation_log_table)
bind_table(AudienceItem, settings.audience_table)
bind_table(IdempotencyItem, settings.idempotency_table)

clock = utc_now
budget = RequestBudget(BUDGET_SECONDS)
provider = make_provider(
    settings.video_provider,
    budget,
    ingest_scheme=settings.ingest_scheme,
    recording_configuration_arn=settings.recording_configuration_arn,
)
streams = StreamStore(clock)
channels = ChannelStore(clock)
idempotency = IdempotencyStore()
reader = StreamReader(streams)
lists = StreamLists(streams)
editing = StreamEditing(streams)
starting = StreamStarting(
    provider, streams, channels, idempotency, stage=settings.stage, clock=clock
)
ending = StreamEnding(provider, streams, channels, clock)
timed_metadata = TimedMetadata(provider, streams, RateLimits(settings.idempotency_table), clock)
audience = AudienceReader()
verifier = TokenVerifier(
    settings.token_issuer,
    settings.token_jwks_url,
    settings.audiences,
    operator_group=settings.operator_group,
)

_secret_arn = settings.playback_key_secret_arn
playback_secret = (
    PlaybackKeySecret(partial(aws_client, "secretsmanager"), _secret_arn) if _secret_arn else None
)
playback_keys = (
    PlaybackKeys(playback_secret, provider, idempotency, stage=settings.stage, clock=clock)
    if playback_secret is not None
    else None
)
invitations = Invitations(clock=clock)
reports = Reports(clock)
deletion = StreamDeletion(
    streams,
    channels,
    ending,
    ErasureQueue(partial(aws_client, "sqs"), settings.erasure_queue_url),
    clock,
)
retention = timedelta(days=settings.recording_retention_days) or None
oversight = Oversight(streams, channels, ending, deletion, reports, ModerationLogStore(), clock)
recordings = Recordings(
    streams, settings.recordings_url, recording_key(settings), clock, kept=retention
)
playback = Playback(streams, playback_secret, origin=settings.web_origin, clock=clock)


def signed_in(request: Request) -> Caller:
    """Return the caller whom the gateway has verified.

    Raises:
        UnauthenticatedError: The token names nobody.
    """
    return caller_from_claims(request.claims, settings.operator_group)


def maybe_signed_in(request: Request) -> Caller | None:
    """Return who is calling where a token is optional.

    Raises:
        UnauthenticatedError: A token was sent and does not verify.
    """
    return verifier.caller(request.headers)
