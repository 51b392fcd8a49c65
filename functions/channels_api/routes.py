"""The routes of the channels API."""

from __future__ import annotations

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
from functions.routes import Access, Route

SHOW_SETTINGS = Route(
    "GET",
    "/channel/chat-settings",
    "show_chat_settings",
    Access.SIGNED_IN,
    "A channel's chat settings",
    response=ChatSettingsBody,
    parameters=ChannelQuery,
    problems=(403,),
)
REPLACE_SETTINGS = Route(
    "PUT",
    "/channel/chat-settings",
    "replace_chat_settings",
    Access.SIGNED_IN,
    "Replace a channel's chat settings; they hold everywhere within seconds",
    request=ChatSettingsChange,
    response=ChatSettingsBody,
    parameters=ChannelQuery,
    problems=(403, 409),
    requests_per_second=20,
    burst=40,
)
LIST_MODERATORS = Route(
    "GET",
    "/channel/moderators",
    "list_moderators",
    Access.SIGNED_IN,
    "A channel's moderators",
    response=ModeratorListBody,
    parameters=ChannelPageQuery,
    problems=(403,),
)
APPOINT_MODERATOR = Route(
    "PUT",
    "/channel/moderators/{userId}",
    "appoint_moderator",
    Access.SIGNED_IN,
    "Make somebody a moderator of all of a creator's streams",
    parameters=MemberPath,
    status=204,
    problems=(403, 409),
    requests_per_second=20,
    burst=40,
)
DISMISS_MODERATOR = Route(
    "DELETE",
    "/channel/moderators/{userId}",
    "dismiss_moderator",
    Access.SIGNED_IN,
    "Make a moderator a viewer again; moderators may resign",
    parameters=MemberPath,
    status=204,
    problems=(403,),
    requests_per_second=20,
    burst=40,
)
LIST_BANS = Route(
    "GET",
    "/channel/bans",
    "list_bans",
    Access.SIGNED_IN,
    "Who is banned or timed out now",
    response=BanListBody,
    parameters=ChannelPageQuery,
    problems=(403,),
)
SANCTION = Route(
    "PUT",
    "/channel/bans/{userId}",
    "sanction_user",
    Access.SIGNED_IN,
    "Ban somebody, or time somebody out, on all of a creator's streams at once",
    request=SanctionBody,
    parameters=MemberPath,
    status=204,
    problems=(403,),
)
LIFT = Route(
    "DELETE",
    "/channel/bans/{userId}",
    "lift_sanction",
    Access.SIGNED_IN,
    "Let somebody back in",
    parameters=LiftQuery,
    status=204,
    problems=(403,),
)
LOG = Route(
    "GET",
    "/channel/moderation-log",
    "list_moderation_log",
    Access.SIGNED_IN,
    "What was done in a channel, by whom, when and why; newest first",
    response=LogBody,
    parameters=ChannelPageQuery,
    problems=(403,),
)
SHOW_FOLLOWING = Route(
    "GET",
    "/following/{userId}",
    "show_following",
    Access.SIGNED_IN,
    "Whether the caller follows a creator's channel",
    response=FollowingBody,
    parameters=CreatorPath,
)
FOLLOW = Route(
    "PUT",
    "/following/{userId}",
    "follow_channel",
    Access.SIGNED_IN,
    "Follow a creator's channel",
    parameters=CreatorPath,
    status=204,
    problems=(409,),
)
UNFOLLOW = Route(
    "DELETE",
    "/following/{userId}",
    "unfollow_channel",
    Access.SIGNED_IN,
    "Follow a creator's channel no longer",
    parameters=CreatorPath,
    status=204,
)

ROUTES: tuple[Route, ...] = (
    SHOW_SETTINGS,
    REPLACE_SETTINGS,
    LIST_MODERATORS,
    APPOINT_MODERATOR,
    DISMISS_MODERATOR,
    LIST_BANS,
    SANCTION,
    LIFT,
    LOG,
    SHOW_FOLLOWING,
    FOLLOW,
    UNFOLLOW,
)
