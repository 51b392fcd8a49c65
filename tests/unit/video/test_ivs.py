from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore.stub import ANY, Stubber

from ayinel_live.runtime.errors import UnsupportedError, UpstreamError
from ayinel_live.video.budget import RequestBudget
from ayinel_live.video.ivs import IvsProvider
from ayinel_live.video.model import (
    ChannelAccess,
    ChannelBusyError,
    IngestConfiguration,
    NotBroadcastingError,
    ProviderThrottledError,
    Quality,
)

ARN = "arn:aws:ivs:us-east-1:123456789012:channel/abcdABCDefgh"
KEY_ARN = "arn:aws:ivs:us-east-1:123456789012:stream-key/g1H2I3j4k5L6"
RECORDING_ARN = "arn:aws:ivs:us-east-1:123456789012:recording-configuration/mhstfFAkeArn"
SECRET = "sk_us-east-1_abcdABCDefgh_0123456789abcdef"
SESSION = "st-1A2b3c4D5e6F78ghij9Klmn"
STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Time:
    """Seconds that pass when something sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def client() -> Any:
    return botocore.session.get_session().create_client(
        "ivs", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


@pytest.fixture
def ivs(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def provider(client: Any, time: Time) -> IvsProvider:
    budget = RequestBudget(
        5, monotonic=time.monotonic, sleep=time.sleep, jitter=lambda low, high: high
    )
    return IvsProvider(lambda: client, budget, recording_configuration_arn=RECORDING_ARN)


def channel(**changes: Any) -> dict[str, Any]:
    return {
        "arn": ARN,
        "ingestEndpoint": "a1b2.global-contribute.live-video.net",
        "playbackUrl": "https://a1b2.us-east-1.playback.live-video.net/x.m3u8",
        "authorized": False,
        **changes,
    }


@pytest.mark.parametrize(
    ("quality", "settled"),
    [
        (Quality.HD, {"type": "ADVANCED_HD", "preset": "HIGHER_BANDWIDTH_DELIVERY"}),
        (Quality.FULL_HD, {"type": "STANDARD"}),
    ],
)
def test_quality_becomes_channel_type_and_preset(
    provider: IvsProvider, ivs: Stubber, quality: Quality, settled: dict[str, str]
) -> None:
    common = {"recordingConfigurationArn": RECORDING_ARN, **settled}
    ivs.add_response(
        "create_channel",
        {"channel": channel(authorized=True)},
        {
            "name": "n",
            "latencyMode": "LOW",
            "authorized": True,
            "insecureIngest": False,
            **common,
        },
    )
    made = provider.create_channel("n", ChannelAccess.AUTHORIZED, quality)
    assert (made.channel_id, made.access) == (ARN, ChannelAccess.AUTHORIZED)
    ivs.add_response("update_channel", {"channel": channel()}, {"arn": ARN, **common})
    provider.configure_channel(ARN, quality, is_recorded=True)


def test_channel_whose_answer_was_lost_is_not_made_twice(
    provider: IvsProvider, ivs: Stubber
) -> None:
    ivs.add_client_error("create_channel", "InternalServerException")
    ivs.add_response("list_channels", {"channels": [{"arn": ARN}]}, {"filterByName": "n"})
    ivs.add_response("get_channel", {"channel": channel()}, {"arn": ARN})
    made = provider.create_channel("n", ChannelAccess.OPEN, Quality.HD)
    assert made.channel_id == ARN


def test_channel_that_was_not_made_at_first_is_made_by_the_next_try(
    provider: IvsProvider, ivs: Stubber
) -> None:
    ivs.add_client_error("create_channel", "InternalServerException")
    ivs.add_response("list_channels", {"channels": []}, {"filterByName": "n"})
    ivs.add_client_error("create_channel", "ThrottlingException")
    ivs.add_response("create_channel", {"channel": channel()})
    made = provider.create_channel("n", ChannelAccess.OPEN, Quality.HD)
    assert made.channel_id == ARN


def test_quality_without_a_channel_type_is_refused(provider: IvsProvider) -> None:
    with pytest.raises(UnsupportedError):
        provider.configure_channel(ARN, Quality.ULTRA_HD, is_recorded=False)
    assert Quality.ULTRA_HD not in provider.capabilities.qualities


def test_channel_is_found_by_its_name(provider: IvsProvider, ivs: Stubber) -> None:
    ivs.add_response("list_channels", {"channels": []}, {"filterByName": "n"})
    assert provider.find_channel("n") is None
    ivs.add_response("list_channels", {"channels": [{"arn": ARN}]}, {"filterByName": "n"})
    ivs.add_response("get_channel", {"channel": channel()}, {"arn": ARN})
    found = provider.find_channel("n")
    assert found is not None
    assert found.playback_url.endswith("x.m3u8")


def test_rtmp_url_holds_no_key(provider: IvsProvider, client: Any) -> None:
    assert provider.rtmp_url("h.example") == "rtmps://h.example:443/app/"
    plain = IvsProvider(lambda: client, RequestBudget(1), ingest_scheme="rtmp")
    assert plain.rtmp_url("127.0.0.1:1935") == "rtmp://127.0.0.1:1935/app/"


def test_every_key_of_a_channel_is_revoked(provider: IvsProvider, ivs: Stubber) -> None:
    ivs.add_response("list_stream_keys", {"streamKeys": [{"arn": KEY_ARN}]}, {"channelArn": ARN})
    ivs.add_response("delete_stream_key", {}, {"arn": KEY_ARN})
    provider.revoke_keys(ARN)
    ivs.add_response("list_stream_keys", {"streamKeys": [{"arn": KEY_ARN}]})
    ivs.add_client_error("delete_stream_key", "ResourceNotFoundException", http_status_code=404)
    provider.revoke_keys(ARN)


def test_current_key_is_read_from_ivs(provider: IvsProvider, ivs: Stubber) -> None:
    ivs.add_response("list_stream_keys", {"streamKeys": [{"arn": KEY_ARN}]}, {"channelArn": ARN})
    ivs.add_response("get_stream_key", {"streamKey": {"value": SECRET}}, {"arn": KEY_ARN})
    key = provider.current_key(ARN)
    assert key is not None
    assert key.value == SECRET
    assert SECRET not in repr(key)
    ivs.add_response("list_stream_keys", {"streamKeys": []})
    assert provider.current_key(ARN) is None


def test_stopping_what_is_off_air_is_no_fault(provider: IvsProvider, ivs: Stubber) -> None:
    ivs.add_response("stop_stream", {}, {"channelArn": ARN})
    assert provider.stop_broadcast(ARN)
    ivs.add_client_error("stop_stream", "ChannelNotBroadcasting", http_status_code=404)
    assert not provider.stop_broadcast(ARN)


def test_live_session_is_none_off_air(provider: IvsProvider, ivs: Stubber) -> None:
    ivs.add_client_error("get_stream", "ChannelNotBroadcasting", http_status_code=404)
    assert provider.live_session(ARN) is None
    ivs.add_response(
        "get_stream",
        {"stream": {"streamId": SESSION, "startTime": STARTED, "state": "LIVE"}},
        {"channelArn": ARN},
    )
    session = provider.live_session(ARN)
    assert session is not None
    assert (session.session_id, session.started_at) == (SESSION, STARTED)


def test_live_sessions_come_from_all_pages(provider: IvsProvider, ivs: Stubber) -> None:
    def entry(number: int, state: str = "LIVE") -> dict[str, Any]:
        return {
            "channelArn": ARN,
            "streamId": f"st-{number:023d}",
            "startTime": STARTED,
            "state": state,
        }

    ivs.add_response("list_streams", {"streams": [entry(1)], "nextToken": "t"}, {"maxResults": 100})
    ivs.add_response(
        "list_streams",
        {"streams": [entry(2), entry(3, "OFFLINE")]},
        {"maxResults": 100, "nextToken": "t"},
    )
    assert [s.session_id for s in provider.live_sessions()] == [f"st-{n:023d}" for n in (1, 2)]


def test_channel_on_air_is_busy(provider: IvsProvider, ivs: Stubber) -> None:
    ivs.add_client_error("update_channel", "ConflictException", http_status_code=409)
    with pytest.raises(ChannelBusyError):
        provider.configure_channel(ARN, Quality.HD, is_recorded=False)


def test_throttled_call_is_tried_again_with_growing_pauses(
    provider: IvsProvider, ivs: Stubber, time: Time
) -> None:
    for _ in range(3):
        ivs.add_client_error("create_stream_key", "ThrottlingException", http_status_code=429)
    ivs.add_response("create_stream_key", {"streamKey": {"value": SECRET}}, {"channelArn": ARN})
    assert provider.create_key(ARN).value == SECRET
    assert len(time.pauses) == 3
    assert time.pauses == sorted(time.pauses)


def test_throttling_beyond_the_requests_time_says_when_to_come_back(
    provider: IvsProvider, ivs: Stubber, time: Time
) -> None:
    for _ in range(20):
        ivs.add_client_error("stop_stream", "ThrottlingException", http_status_code=429)
    with pytest.raises(ProviderThrottledError) as caught:
        provider.stop_broadcast(ARN)
    assert caught.value.retry_after_seconds
    assert time.now < 5
    ivs._queue.clear()


def test_budget_of_zero_tries_once(client: Any, ivs: Stubber, time: Time) -> None:
    budget = RequestBudget(5, monotonic=time.monotonic, sleep=time.sleep)
    budget.restart(seconds=0)
    ivs.add_client_error("put_metadata", "ThrottlingException", http_status_code=429)
    with pytest.raises(ProviderThrottledError):
        IvsProvider(lambda: client, budget).put_metadata(ARN, "x")
    assert time.pauses == []


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException", "Unheard"])
def test_refusal_never_repeats_what_was_sent_or_said(
    provider: IvsProvider, ivs: Stubber, code: str
) -> None:
    ivs.add_client_error("put_metadata", code, service_message=f"bad {SECRET}")
    with pytest.raises(UpstreamError) as caught:
        provider.put_metadata(ARN, SECRET)
    assert SECRET not in repr(caught.value) + str(caught.value.extra)
    assert caught.value.__cause__ is None


def test_metadata_off_air_is_refused(provider: IvsProvider, ivs: Stubber) -> None:
    ivs.add_client_error("put_metadata", "ChannelNotBroadcasting", http_status_code=404)
    with pytest.raises(NotBroadcastingError):
        provider.put_metadata(ARN, "x")


def test_ingest_is_read_in_the_new_and_the_old_shape(provider: IvsProvider, ivs: Stubber) -> None:
    video = {
        "videoWidth": 1280,
        "videoHeight": 720,
        "targetFramerate": 30,
        "targetBitrate": 3_000_000,
        "codec": "avc1",
        "encoder": "obs",
    }
    audio = {"codec": "aac", "targetBitrate": 160_000}
    wanted = IngestConfiguration(1280, 720, 30, 3_000_000, "avc1", 160_000, "aac", "obs")
    session: dict[str, Any] = {"streamId": SESSION}
    tracks = {"videoConfigurations": [video], "audioConfigurations": [audio]}
    ivs.add_response(
        "get_stream_session",
        {"streamSession": {**session, "ingestConfigurations": tracks}},
        {"channelArn": ARN, "streamId": ANY},
    )
    assert provider.ingest(ARN, SESSION) == wanted
    legacy = {"video": video, "audio": audio}
    ivs.add_response(
        "get_stream_session", {"streamSession": {**session, "ingestConfiguration": legacy}}
    )
    assert provider.ingest(ARN, SESSION) == wanted
    ivs.add_response("get_stream_session", {"streamSession": session})
    assert provider.ingest(ARN, SESSION) is None


def test_key_pair_whose_import_was_not_answered_is_found_by_its_name(
    provider: IvsProvider, ivs: Stubber
) -> None:
    arn = "arn:aws:ivs:us-east-1:123456789012:playback-key/abcdABCDefgh"
    ivs.add_client_error("import_playback_key_pair", "InternalServerException")
    ivs.add_response(
        "list_playback_key_pairs", {"keyPairs": [{"arn": arn, "name": "n"}]}, {"maxResults": 100}
    )
    assert provider.import_playback_key("n", "pem") == arn
