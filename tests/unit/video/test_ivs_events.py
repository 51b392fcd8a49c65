from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayinel_live.video.ivs_events import MalformedEventError, video_event_from
from ayinel_live.video.model import VideoEventKind

ARN = "arn:aws:ivs:us-east-1:123456789012:channel/AbCdef1G2hij"


def envelope(detail_type: str, **detail: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "01234567-0123-0123-0123-012345678901",
        "detail-type": detail_type,
        "source": "aws.ivs",
        "account": "123456789012",
        "time": "2026-01-02T03:04:05Z",
        "region": "us-east-1",
        "resources": [ARN],
        "detail": {"channel_name": "n", "stream_id": "st-1", **detail},
    }


@pytest.mark.parametrize(
    ("detail_type", "member", "name", "kind"),
    [
        ("IVS Stream State Change", "event_name", "Session Created", "session-created"),
        ("IVS Stream State Change", "event_name", "Session Ended", "session-ended"),
        ("IVS Stream State Change", "event_name", "Stream Start", "stream-started"),
        ("IVS Stream State Change", "event_name", "Stream End", "stream-ended"),
        ("IVS Stream State Change", "event_name", "Stream Failure", "stream-failed"),
        ("IVS Stream State Change", "event_name", "Stream Takeover", "taken-over"),
        ("IVS Stream State Change", "event_name", "Stream Takeover Failure", "takeover-failed"),
        ("IVS Stream Health Change", "event_name", "Starvation Start", "starvation-started"),
        ("IVS Stream Health Change", "event_name", "Starvation End", "starvation-ended"),
        ("IVS Recording State Change", "recording_status", "Recording Start", "recording-started"),
        ("IVS Recording State Change", "recording_status", "Recording End", "recording-ended"),
        (
            "IVS Recording State Change",
            "recording_status",
            "Recording Start Failure",
            "recording-start-failed",
        ),
        (
            "IVS Recording State Change",
            "recording_status",
            "Recording End Failure",
            "recording-end-failed",
        ),
    ],
)
def test_documented_events_are_let_in(detail_type: str, member: str, name: str, kind: str) -> None:
    event = video_event_from(envelope(detail_type, **{member: name}))
    assert event is not None
    assert event.kind == VideoEventKind(kind)
    assert (event.channel_id, event.session_id) == (ARN, "st-1")
    assert event.at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_limit_breach_says_what_was_exceeded() -> None:
    event = video_event_from(
        envelope(
            "IVS Limit Breach",
            limit_name="Ingest Bitrate",
            limit_value=8500000,
            exceeded_by=102400,
            limit_unit="bps",
        )
    )
    assert event is not None
    assert event.kind is VideoEventKind.LIMIT_BREACHED
    assert event.reason == "Ingest Bitrate: over 8.5e+06 bps by 102400 bps"


def test_breach_of_the_accounts_limits_is_about_no_channel() -> None:
    raw = envelope("IVS Limit Breach", limit_name="Concurrent Viewers", limit_value=1)
    assert video_event_from({**raw, "resources": []}) is None


def test_recording_end_tells_where_and_how_long() -> None:
    event = video_event_from(
        envelope(
            "IVS Recording State Change",
            recording_status="Recording End",
            recording_s3_bucket_name="bucket",
            recording_s3_key_prefix="ivs/v1/1/c/2026/1/2/3/4/r/",
            recording_duration_ms=99370264,
            recording_session_id="a6RfV23ES97iyfoQ",
        )
    )
    assert event is not None
    assert event.recording is not None
    assert (event.recording.prefix, event.recording.duration_ms) == (
        "ivs/v1/1/c/2026/1/2/3/4/r",
        99370264,
    )


def test_event_that_is_new_to_us_is_nobodys() -> None:
    assert video_event_from(envelope("IVS Stream State Change", event_name="Stream Dreamt")) is None
    assert video_event_from(envelope("IVS Something Else", event_name="Stream Start")) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"time": "yesterday"},
        {"time": "2026-01-02T03:04:05"},
        {"detail": "x"},
        {"detail": {"stream_id": "x" * 2000}},
        {"id": None},
        {"resources": "x"},
    ],
)
def test_event_of_another_shape_is_refused_without_repeating_it(changes: dict[str, Any]) -> None:
    raw = {**envelope("IVS Stream State Change", event_name="Stream Start"), **changes}
    with pytest.raises(MalformedEventError) as caught:
        video_event_from(raw)
    assert "xxx" not in str(caught.value)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from([*envelope("x"), "other"]), _json))
def test_any_json_is_let_in_or_refused_but_never_breaks(changes: dict[str, Any]) -> None:
    raw = {**envelope("IVS Stream State Change", event_name="Stream Start"), **changes}
    with contextlib.suppress(MalformedEventError):
        video_event_from(raw)
