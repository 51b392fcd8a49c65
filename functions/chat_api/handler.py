"""The chat API: the gateway's events in, responses out."""

from __future__ import annotations

from functions.chat_api.api import api

handler = api
