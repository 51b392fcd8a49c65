"""Endpoints with which an owner works on a stream, and a viewer sees its recording."""

from __future__ import annotations

from ayinel_live.runtime.http import Request, Response
from ayinel_live.streams.editing import StreamChanges
from ayinel_live.streams.timed_metadata import PATIENCE_SECONDS
from functions.streams_api import owner_routes as routes
from functions.streams_api.api import api, logger
from functions.streams_api.owner_schemas import (
    ErasureBody,
    HealthBody,
    InvitationBody,
    InvitationListBody,
    InvitationPath,
    InvitationQuery,
    MetadataBody,
    RecordingBody,
)
from functions.streams_api.schemas import (
    ReasonedStreamPath,
    StreamChangesBody,
    StreamDetailsBody,
    StreamPath,
)
from functions.streams_api.wiring import (
    audience,
    budget,
    clock,
    deletion,
    editing,
    invitations,
    maybe_signed_in,
    oversight,
    playback,
    reader,
    recordings,
    signed_in,
    streams,
    timed_metadata,
)


@api.route(routes.CHANGE.key)
def change_stream(request: Request) -> Response:
    """Change title, description or visibility."""
    caller = signed_in(request)
    stream = reader.get_owned(request.parameters(StreamPath).stream_id, caller)
    body = request.json(StreamChangesBody)
    changes = StreamChanges(body.title, body.description, body.visibility)
    changed = editing.change(stream.stream_id, changes)
    return Response(
        body=StreamDetailsBody.detailed(
            changed,
            audience.totals(changed.stream_id),
            clock,
            playback_url=playback.url(changed, caller),
            rtmp_url=changed.rtmp_url,
        )
    )


@api.route(routes.DELETE.key)
def delete_stream(request: Request) -> Response:
    """Delete a stream and all that belongs to it."""
    caller = signed_in(request)
    query = request.parameters(ReasonedStreamPath)
    stream = reader.get_owned(query.stream_id, caller, or_operator=True)
    budget.restart()
    oversight.delete(caller, stream, query.reason)
    logger.info("stream_deleted", stream_id=stream.stream_id, user_id=caller.user_id)
    return Response(202)


@api.route(routes.HEALTH.key)
def show_health(request: Request) -> Response:
    """Show how the ingest does."""
    caller = signed_in(request)
    stream = reader.get_owned(request.parameters(StreamPath).stream_id, caller, or_operator=True)
    record = streams.record(stream.stream_id)
    return Response(body=HealthBody.of(stream.stream_id, record.health, stream.interrupted_at))


@api.route(routes.RECORDING.key)
def show_recording(request: Request) -> Response:
    """Show a broadcast's recording."""
    caller = maybe_signed_in(request)
    stream = reader.get_visible(request.parameters(StreamPath).stream_id, caller)
    view = recordings.view(stream)
    body = RecordingBody(
        stream_id=stream.stream_id,
        state=view.state,
        duration=view.duration_seconds,
        playback_url=view.playback_url,
        thumbnail_url=view.thumbnail_url,
    )
    return Response(body=body, cookies=view.cookies)


@api.route(routes.METADATA.key)
def put_metadata(request: Request) -> Response:
    """Send data to the players within the video."""
    caller = signed_in(request)
    stream = reader.get_owned(request.parameters(StreamPath).stream_id, caller)
    budget.restart(seconds=PATIENCE_SECONDS)
    timed_metadata.send(stream, request.json(MetadataBody).metadata)
    return Response(204)


@api.route(routes.LIST_INVITATIONS.key)
def list_invitations(request: Request) -> Response:
    """List who is invited."""
    caller = signed_in(request)
    query = request.parameters(InvitationQuery)
    stream = reader.get_owned(query.stream_id, caller)
    page = invitations.page(stream, after=query.after, limit=query.limit)
    return Response(body=InvitationListBody(invitations=tuple(map(InvitationBody.of, page))))


@api.route(routes.INVITE.key)
def invite(request: Request) -> Response:
    """Invite a person."""
    caller = signed_in(request)
    path = request.parameters(InvitationPath)
    invitations.invite(reader.get_owned(path.stream_id, caller), path.user_id)
    return Response(204)


@api.route(routes.WITHDRAW_INVITATION.key)
def withdraw_invitation(request: Request) -> Response:
    """Take an invitation back."""
    caller = signed_in(request)
    path = request.parameters(InvitationPath)
    invitations.withdraw(reader.get_owned(path.stream_id, caller), path.user_id)
    return Response(204)


@api.route(routes.ERASE_ME.key)
def erase_me(request: Request) -> Response:
    """Erase everything of the caller."""
    caller = signed_in(request)
    receipt = deletion.delete_user(caller.user_id)
    logger.info("erasure_requested", receipt_id=receipt.receipt_id)
    return Response(
        202,
        ErasureBody(
            receipt_id=receipt.receipt_id,
            requested_at=receipt.requested_at,
            backups_expire_at=receipt.backups_expire_at,
        ),
    )
