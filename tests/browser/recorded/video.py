"""A clip in two renditions, told to each player as a broadcast that began a minute ago."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import imageio_ffmpeg
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from local.layout import REPOSITORY

CLIP = REPOSITORY / "build" / "recorded-clip"
CLIP_SECONDS = 120
SEGMENT_SECONDS = 2
WINDOW_SEGMENTS = 6
LEAD_SEGMENTS = 30
RENDITIONS = ("640x360:600k", "320x180:200k")
POSTER = "poster.jpg"
CAPTIONS = "WEBVTT\n\n00:00:00.000 --> 01:00:00.000\nThe harbour at dusk\n"
_PLAYLIST = "application/vnd.apple.mpegurl"


def make_clip() -> Path:
    """Encode the clip unless it is there, and return its folder."""
    if (CLIP / POSTER).exists():
        return CLIP
    CLIP.mkdir(parents=True, exist_ok=True)
    length = f"rate=15:duration={CLIP_SECONDS}"
    arguments = ["-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=size=640x360:{length}"]
    arguments += ["-f", "lavfi", "-i", f"sine=frequency=300:duration={CLIP_SECONDS}"]
    for at, rendition in enumerate(RENDITIONS):
        size, bits = rendition.split(":")
        arguments += ["-map", "0:v", "-map", "1:a", f"-s:v:{at}", size, f"-b:v:{at}", bits]
    arguments += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "30"]
    arguments += ["-sc_threshold", "0", "-c:a", "aac", "-b:a", "48k", "-f", "hls"]
    arguments += ["-hls_time", str(SEGMENT_SECONDS), "-hls_list_size", "0"]
    arguments += ["-hls_segment_type", "fmp4", "-var_stream_map", "v:0,a:0 v:1,a:1"]
    _ffmpeg(*arguments, "-master_pl_name", "master.m3u8", "%v/index.m3u8")
    _ffmpeg(
        "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=640x360", "-vframes", "1", POSTER
    )
    return CLIP


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), *arguments],
        cwd=CLIP,
        check=True,
        stdin=subprocess.DEVNULL,
    )


def video_routes() -> list[Route]:
    """Return the routes of the broadcast, the recording, the poster and the captions."""
    clip = make_clip()

    async def master(request: Request) -> Response:
        del request
        # Each player's broadcast has its own beginning, so that none ever reaches the clip's end.
        began = time.time() - LEAD_SEGMENTS * SEGMENT_SECONDS
        lines = (clip / "master.m3u8").read_text().splitlines()
        shown = [f"{began:.0f}/{line}" if line.endswith(".m3u8") else line for line in lines]
        return PlainTextResponse("\n".join(shown) + "\n", media_type=_PLAYLIST)

    async def playlist(request: Request) -> Response:
        age = time.time() - int(request.path_params["began"])
        first = max(0, int(age / SEGMENT_SECONDS) - WINDOW_SEGMENTS)
        return PlainTextResponse(
            _window(clip, request.path_params["level"], first), media_type=_PLAYLIST
        )

    async def segment(request: Request) -> Response:
        level, name = request.path_params["level"], request.path_params["name"]
        return FileResponse(clip / str(int(level)) / Path(name).name)

    async def poster(request: Request) -> Response:
        del request
        return FileResponse(clip / POSTER)

    async def captions(request: Request) -> Response:
        del request
        return PlainTextResponse(CAPTIONS, media_type="text/vtt")

    return [
        Route("/video/live.m3u8", master),
        Route("/video/{began:int}/{level:int}/index.m3u8", playlist),
        Route("/video/{began:int}/{level:int}/{name}", segment),
        Route("/video/poster.jpg", poster),
        Route("/video/captions.vtt", captions),
    ]


def _window(clip: Path, level: int, first: int) -> str:
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{SEGMENT_SECONDS}",
        f"#EXT-X-MEDIA-SEQUENCE:{first}",
        f'#EXT-X-MAP:URI="init_{level}.mp4"',
    ]
    for number in range(first, first + WINDOW_SEGMENTS):
        if (clip / str(level) / f"index{number}.m4s").exists():
            lines += [f"#EXTINF:{SEGMENT_SECONDS:.3f},", f"index{number}.m4s"]
    return "\n".join(lines) + "\n"
