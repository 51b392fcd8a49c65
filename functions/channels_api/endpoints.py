"""The endpoints, imported with the first request."""

from __future__ import annotations

from ayinel_live.runtime.http import Request, Response
from functions.channels_api import routes
from functions.channels_api.api import api
from functions.channels_api.schemas import (
    BanListBody,
    ChannelPageQuery,
    ChannelQuery,
    ChatSettingsBody,
    ChatSettingsChange,
    CreatorPath,
    FollowingBody,
    LiftQuery,
    LogBody,
    MemberPath,
    ModeratorListBody,
    SanctionBody,
)
from functions.channels_api.wiring import (
    actor_of,
    channel_chat,
    members,
    standing,
    sweep,
)

_DONE = Response(status=204)


@api.route(routes.SHOW_SETTINGS.key)
def show_chat_settings(request: Request) -> Response:
    """Show a channel's chat settings."""
    actor = actor_of(request)
    owner_id = request.parameters(ChannelQuery).owner_id(actor)
    return Response(body=ChatSettingsBody.of(channel_chat.settings(actor, owner_id)))


@api.route(routes.REPLACE_SETTINGS.key)
def replace_chat_settings(request: Request) -> Response:
    """Replace a channel's chat settings."""
    actor = actor_of(request)
    owner_id = request.parameters(ChannelQuery).owner_id(actor)
    change = request.json(ChatSettingsChange)
    stored = channel_chat.set(actor, owner_id, change.settings(), change.version)
    return Response(body=ChatSettingsBody.of(stored))


@api.route(routes.LIST_MODERATORS.key)
def list_moderators(request: Request) -> Response:
    """List a channel's moderators."""
    actor = actor_of(request)
    query = request.parameters(ChannelPageQuery)
    page = channel_chat.moderators(actor, query.owner_id(actor), query.cursor, query.limit)
    return Response(body=ModeratorListBody.of(page))


@api.route(routes.APPOINT_MODERATOR.key)
def appoint_moderator(request: Request) -> Response:
    """Make somebody a moderator."""
    actor = actor_of(request)
    path = request.parameters(MemberPath)
    standing.appoint(actor, path.owner_id(actor), path.user_id)
    return _DONE


@api.route(routes.DISMISS_MODERATOR.key)
def dismiss_moderator(request: Request) -> Response:
    """Make a moderator a viewer again."""
    actor = actor_of(request)
    path = request.parameters(MemberPath)
    standing.dismiss(actor, path.owner_id(actor), path.user_id)
    return _DONE


@api.route(routes.LIST_BANS.key)
def list_bans(request: Request) -> Response:
    """List who is banned or timed out now."""
    actor = actor_of(request)
    query = request.parameters(ChannelPageQuery)
    page = channel_chat.sanctioned(actor, query.owner_id(actor), query.cursor, query.limit)
    return Response(body=BanListBody.of(page))


@api.route(routes.SANCTION.key)
def sanction_user(request: Request) -> Response:
    """Ban somebody, or time somebody out."""
    actor = actor_of(request)
    path = request.parameters(MemberPath)
    owner_id = path.owner_id(actor)
    body = request.json(SanctionBody) if request.body.strip() else SanctionBody()
    if body.duration_seconds is None:
        standing.ban(actor, owner_id, path.user_id, body.reason)
    else:
        standing.time_out(actor, owner_id, path.user_id, body.reason, body.duration_seconds)
    if body.remove_messages_seconds is not None:
        sweep.remove(actor, owner_id, path.user_id, body.remove_messages_seconds, body.reason)
    return _DONE


@api.route(routes.LIFT.key)
def lift_sanction(request: Request) -> Response:
    """Let somebody back in."""
    actor = actor_of(request)
    query = request.parameters(LiftQuery)
    standing.lift(actor, query.owner_id(actor), query.user_id, query.reason)
    return _DONE


@api.route(routes.LOG.key)
def list_moderation_log(request: Request) -> Response:
    """List what was done in a channel."""
    actor = actor_of(request)
    query = request.parameters(ChannelPageQuery)
    page = channel_chat.log(actor, query.owner_id(actor), query.cursor, query.limit)
    return Response(body=LogBody.of(page))


@api.route(routes.SHOW_FOLLOWING.key)
def show_following(request: Request) -> Response:
    """Show whether the caller follows a channel."""
    owner_id = request.parameters(CreatorPath).user_id
    return Response(body=FollowingBody.of(members.get(owner_id, actor_of(request).user_id)))


@api.route(routes.FOLLOW.key)
def follow_channel(request: Request) -> Response:
    """Follow a channel."""
    standing.follow(actor_of(request).user_id, request.parameters(CreatorPath).user_id)
    return _DONE


@api.route(routes.UNFOLLOW.key)
def unfollow_channel(request: Request) -> Response:
    """Follow a channel no longer."""
    standing.unfollow(actor_of(request).user_id, request.parameters(CreatorPath).user_id)
    return _DONE
