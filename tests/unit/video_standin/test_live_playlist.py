from datetime import UTC, datetime, timedelta
from typing import cast

from local.video.fmp4 import Tracks
from local.video.live_playlist import LivePlaylist, render_master

START = datetime(2026, 1, 2, 3, 4, 5, 678_900, tzinfo=UTC)


class FakeTracks:
    width, height, codecs, init = 1280, 720, "avc1.64001F,mp4a.40.2", b"init"


TRACKS = cast("Tracks", FakeTracks())


def add(playlist: LivePlaylist, count: int, seconds: float = 2, *, gap_at: int = -1) -> None:
    for number in range(count):
        started = START + timedelta(seconds=seconds * number)
        playlist.add(TRACKS, b"x" * 1000, seconds, started, is_continuous=number != gap_at)


def test_window_slides_and_the_sequence_goes_on() -> None:
    playlist = LivePlaylist(window_seconds=6)
    add(playlist, 10)
    text = playlist.render_media("/s/")
    assert "#EXT-X-MEDIA-SEQUENCE:7\n" in text
    assert text.count("#EXTINF:2.000,live") == 3
    assert text.endswith("/s/9.m4s\n")
    assert playlist.segment(9) is not None
    assert playlist.segment(3) is not None
    assert playlist.segment(2) is None


def test_playlist_shows_time_map_and_end() -> None:
    playlist = LivePlaylist(window_seconds=20)
    add(playlist, 2)
    assert "#EXT-X-ENDLIST" not in playlist.render_media("")
    playlist.end()
    text = playlist.render_media("")
    assert "#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.679Z\n" in text
    assert text.count('#EXT-X-MAP:URI="init-0.mp4"') == 1
    assert text.endswith("#EXT-X-ENDLIST\n")
    assert playlist.init(0) == b"init"
    assert playlist.init(1) is None
    assert playlist.init(-1) is None


def test_discontinuities_that_slid_out_are_counted() -> None:
    playlist = LivePlaylist(window_seconds=6)
    add(playlist, 5, gap_at=3)
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:0\n" in playlist.render_media("")
    assert "#EXT-X-DISCONTINUITY\n" in playlist.render_media("")
    add(playlist, 6)
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:1\n" in playlist.render_media("")


def test_first_segment_has_nothing_to_be_apart_from() -> None:
    playlist = LivePlaylist(window_seconds=6)
    add(playlist, 1, gap_at=0)
    assert "#EXT-X-DISCONTINUITY\n" not in playlist.render_media("")


def test_target_duration_covers_the_longest_segment() -> None:
    playlist = LivePlaylist(window_seconds=30)
    add(playlist, 2, 1)
    assert "#EXT-X-TARGETDURATION:2\n" in playlist.render_media("")
    add(playlist, 1, 8.2)
    assert "#EXT-X-TARGETDURATION:9\n" in playlist.render_media("")


def test_new_tracks_get_their_own_map() -> None:
    playlist = LivePlaylist(window_seconds=30)
    add(playlist, 1)
    playlist.add(cast("Tracks", FakeTracks()), b"x", 2, START, is_continuous=False)
    text = playlist.render_media("")
    assert (
        text.index("init-0.mp4") < text.index("#EXT-X-DISCONTINUITY\n") < text.index("init-1.mp4")
    )


def test_maps_that_no_segment_needs_any_more_are_let_go() -> None:
    playlist = LivePlaylist(window_seconds=6)
    for _ in range(50):
        playlist.add(cast("Tracks", FakeTracks()), b"x", 2, START, is_continuous=False)
    held = [init_id for init_id in range(50) if playlist.init(init_id) is not None]
    assert held == list(range(43, 50)), "three that are listed, and four that were until just now"
    assert playlist.segment(42) is None
    assert playlist.segment(43) is not None
    assert '#EXT-X-MAP:URI="init-49.mp4"' in playlist.render_media("")


def test_map_of_a_long_stream_stays() -> None:
    playlist = LivePlaylist(window_seconds=6)
    add(playlist, 500)
    assert playlist.init(0) == b"init"


def test_master_names_what_a_player_must_know() -> None:
    text = render_master(TRACKS, 2_600_000, 29.97, "/media.m3u8")
    assert "BANDWIDTH=2600000,RESOLUTION=1280x720" in text
    assert 'CODECS="avc1.64001F,mp4a.40.2",FRAME-RATE=29.970\n/media.m3u8\n' in text
