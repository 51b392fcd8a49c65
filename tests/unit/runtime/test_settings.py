"""Settings come from the environment once, and say what is wrong without showing values."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ayinel_live.runtime.settings import FunctionSettings, SettingsError, environment_names


class _Settings(FunctionSettings):
    streams_table: str
    page_size: int = 20


@dataclass(frozen=True)
class _Lean:
    queue_url: str
    pace: int = 5


def test_fields_are_read_from_their_upper_case_names() -> None:
    settings = _Settings.from_environment({"STAGE": "dev", "STREAMS_TABLE": "t", "PAGE_SIZE": "5"})
    assert (settings.stage, settings.streams_table, settings.page_size) == ("dev", "t", 5)


def test_missing_variable_is_named() -> None:
    with pytest.raises(SettingsError, match="STREAMS_TABLE"):
        _Settings.from_environment({"STAGE": "dev"})


def test_impossible_value_is_not_shown() -> None:
    with pytest.raises(SettingsError) as raised:
        _Settings.from_environment({"STAGE": "d", "STREAMS_TABLE": "t", "PAGE_SIZE": "sk_secret"})
    assert "PAGE_SIZE" in str(raised.value)
    assert "sk_secret" not in str(raised.value)


def test_names_are_told_for_models_and_dataclasses() -> None:
    assert environment_names(_Settings) == (
        frozenset({"STAGE", "STREAMS_TABLE"}),
        frozenset({"PAGE_SIZE"}),
    )
    assert environment_names(_Lean) == (frozenset({"QUEUE_URL"}), frozenset({"PACE"}))
