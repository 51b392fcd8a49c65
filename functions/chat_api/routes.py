"""The routes of the chat API."""

from __future__ import annotations

from functions.chat_api.schemas import (
    HeldDecisionBody,
    HeldMessageListBody,
    HeldMessagePath,
    MessageListBody,
    MessagesQuery,
    RemovalQuery,
    StreamPath,
    TicketAnswer,
    TicketBody,
)
from functions.routes import Access, Route

TICKET = Route(
    "POST",
    "/{streamId}/chat-ticket",
    "take_chat_ticket",
    Access.OPTIONAL_TOKEN,
    "Get a ticket for one connection to a stream's chat",
    request=TicketBody,
    response=TicketAnswer,
    parameters=StreamPath,
    problems=(403, 404, 409),
    requests_per_second=500,
    burst=1000,
)
MESSAGES = Route(
    "GET",
    "/{streamId}/messages",
    "list_messages",
    Access.OPTIONAL_TOKEN,
    "A stream's shown messages, newest first",
    response=MessageListBody,
    parameters=MessagesQuery,
    problems=(404,),
    requests_per_second=500,
    burst=1000,
)
REMOVE_MESSAGE = Route(
    "DELETE",
    "/{streamId}/messages/{messageId}",
    "remove_message",
    Access.SIGNED_IN,
    "Take a message away: one's own, or as a moderator anybody's",
    parameters=RemovalQuery,
    status=204,
    problems=(403, 404, 409),
)
HELD_MESSAGES = Route(
    "GET",
    "/{streamId}/held-messages",
    "list_held_messages",
    Access.SIGNED_IN,
    "Messages that wait for a moderator, oldest first",
    response=HeldMessageListBody,
    parameters=MessagesQuery,
    problems=(403, 404),
)
DECIDE_HELD_MESSAGE = Route(
    "POST",
    "/{streamId}/held-messages/{messageId}",
    "decide_held_message",
    Access.SIGNED_IN,
    "Approve or deny a message that waits",
    request=HeldDecisionBody,
    parameters=HeldMessagePath,
    status=204,
    problems=(403, 404, 409),
)

ROUTES: tuple[Route, ...] = (
    TICKET,
    MESSAGES,
    REMOVE_MESSAGE,
    HELD_MESSAGES,
    DECIDE_HELD_MESSAGE,
)
