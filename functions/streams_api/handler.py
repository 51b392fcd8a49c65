"""The streams API: the gateway's events in, responses out."""

from __future__ import annotations

from functions.streams_api import broadcasting, operating, owning, watching
from functions.streams_api.wiring import api

__all__ = ["broadcasting", "handler", "operating", "owning", "watching"]

handler = api
