"""The identity that a connection carries survives the gateway's text-only context."""

from __future__ import annotations

import pytest

from ayinel_live.connections.model import Identity
from ayinel_live.runtime.errors import UnauthenticatedError

IDENTITY = Identity(
    ticket_id="01JZ0000000000000000000000",
    stream_id="01JZ0000000000000000000001",
    owner_id="creator",
    viewer_id="anon_1",
    display_name="Zoë",
    country="DE",
    is_counted=False,
    expires_at=1_767_323_045,
    connection_expires_at=1_767_330_245,
)


def test_identity_comes_back_from_its_context() -> None:
    context = IDENTITY.to_context()
    assert all(isinstance(value, str) for value in context.values())
    assert context["isCounted"] == "false"
    assert Identity.from_context({**context, "principalId": "anon_1"}) == IDENTITY


def test_a_context_that_is_not_ours_is_nobody() -> None:
    with pytest.raises(UnauthenticatedError):
        Identity.from_context({"principalId": "somebody"})
