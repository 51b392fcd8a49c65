"""A minimal HLS player: follows playlists, fetches segments, decodes pictures."""

from __future__ import annotations

import io
from urllib.parse import urljoin

import av
import httpx


def media_playlist(playback_url: str) -> tuple[str, str]:
    """Return URL and text of the first media playlist behind a playback URL."""
    text = _text(playback_url)
    if "#EXT-X-STREAM-INF" not in text:
        return playback_url, text
    first = next(line for line in text.splitlines() if line and not line.startswith("#"))
    url = urljoin(playback_url, first)
    return url, _text(url)


def segment_urls(playlist_url: str, playlist: str) -> list[str]:
    """Return the absolute URLs of a media playlist's segments."""
    lines = [line for line in playlist.splitlines() if line and not line.startswith("#")]
    return [urljoin(playlist_url, line) for line in lines]


def pictures(playlist_url: str, playlist: str) -> list[bytes]:
    """Decode the last segment of a media playlist and return its pictures as grey bytes."""
    initial = next(
        (
            line.split('URI="', 1)[1].split('"', 1)[0]
            for line in playlist.splitlines()
            if line.startswith("#EXT-X-MAP")
        ),
        None,
    )
    data = b""
    if initial is not None:
        data += httpx.get(urljoin(playlist_url, initial)).raise_for_status().content
    data += httpx.get(segment_urls(playlist_url, playlist)[-1]).raise_for_status().content
    with av.open(io.BytesIO(data), "r") as container:
        return [
            bytes(frame.reformat(width=64, height=36, format="gray").planes[0])
            for frame in container.decode(video=0)
        ]


def _text(url: str) -> str:
    return httpx.get(url, follow_redirects=True).raise_for_status().text
