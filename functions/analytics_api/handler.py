"""The analytics API: the gateway's events in, responses out."""

from __future__ import annotations

from functions.analytics_api.api import api

handler = api
