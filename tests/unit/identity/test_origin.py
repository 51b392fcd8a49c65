from __future__ import annotations

import pytest

from ayinel_live.identity import origin
from ayinel_live.identity.origin import origin_secrets
from ayinel_live.identity.signatures import FixedSecrets


def test_nothing_is_asked_for_where_cloudfront_does_not_stand_before() -> None:
    assert origin_secrets("") is None


def test_old_and_new_secret_both_open_while_it_is_rotated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origin, "RotatingSecrets", lambda _arn: FixedSecrets("new", "old"))
    secrets = origin_secrets("arn")
    assert secrets is not None
    assert secrets() == ("new", "old")
