"""Which function does what: a module for each subject, each the whole truth about its functions.

A function's tables stand in its role and its environment together; its settings are checked
against both when the app is synthesised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.routes import API_FUNCTIONS
from infra.constructs.http_api import HttpRoutes
from infra.wiring import audience, chat, fan_out, history, operations, secrets, streams

if TYPE_CHECKING:
    from infra.service_stack import ServiceStack


def wire(stack: ServiceStack) -> None:
    """Make every function of the product, its queues, and what starts it."""
    queues = fan_out.queues(stack)
    moderation = chat.moderation_queue(stack)
    video_work = streams.video_work_queue(stack)
    ended = history.history_queue(stack)
    streams.wire(stack, video_work, ended)
    chat.wire(stack, moderation)
    fan_out.wire(stack, queues)
    audience.wire(stack, queues.departures)
    history.wire(stack, ended)
    secrets.wire(stack)
    apis = {name: stack.functions[name] for name in API_FUNCTIONS}
    HttpRoutes(stack, stack.data.http_api, apis, stack.data.tokens, stack.deployment)
    operations.wire(stack)
