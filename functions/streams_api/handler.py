"""The streams API: the gateway's events in, responses out."""

from __future__ import annotations

from functions.streams_api import broadcasting, watching
from functions.streams_api.wiring import api

__all__ = ["broadcasting", "handler", "watching"]

handler = api
