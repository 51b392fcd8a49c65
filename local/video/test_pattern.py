"""A moving test pattern with sound, published by the ffmpeg of ``imageio-ffmpeg``.

The demo and the tests use it in place of OBS. The stream key stands in ffmpeg's arguments, where
the machine's own users can see it, but ffmpeg is kept quiet and the key is taken out of whatever it
still says.
"""

import asyncio
import contextlib
import signal
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import imageio_ffmpeg

STOP_SECONDS = 3.0
_KEPT_LINES = 20


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is published.

    Attributes:
        width: In pixels.
        height: In pixels.
        frames_per_second: Of the pictures.
        keyframe_seconds: Between two pictures that stand alone.
        video_bits_per_second: Of the pictures.
        audio_bits_per_second: Of the sound; 0 publishes none.
        b_frames: How many pictures in a row may lean on later ones.
        duration_seconds: How long; 0 publishes until stopped.
        x264_profile: The H.264 profile.
    """

    width: int = 640
    height: int = 360
    frames_per_second: int = 30
    keyframe_seconds: float = 1.0
    video_bits_per_second: int = 1_000_000
    audio_bits_per_second: int = 96_000
    b_frames: int = 0
    duration_seconds: float = 0
    x264_profile: str = "main"


class TestPattern:
    """A publisher in a process of its own; ``async with`` starts and stops it.

    Attributes:
        process: ffmpeg, once started.
    """

    __test__ = False

    def __init__(self, rtmp_url: str, stream_key: str, pattern: Pattern | None = None) -> None:
        """Prepare to publish.

        Args:
            rtmp_url: The server, such as ``rtmp://127.0.0.1:1935/app/``.
            stream_key: The channel's key.
            pattern: What to publish.
        """
        self._rtmp_url = rtmp_url
        self._stream_key = stream_key
        self._pattern = pattern or Pattern()
        self._said: deque[str] = deque(maxlen=_KEPT_LINES)
        self._reader: asyncio.Task[None] | None = None
        self.process: asyncio.subprocess.Process | None = None

    @property
    def output(self) -> str:
        """What ffmpeg said, without the key."""
        return "\n".join(self._said)

    async def start(self) -> None:
        """Begin to publish; returns before the server has answered."""
        target = self._rtmp_url.rstrip("/") + "/" + self._stream_key
        self.process = await asyncio.create_subprocess_exec(
            imageio_ffmpeg.get_ffmpeg_exe(),
            *_arguments(self._pattern),
            target,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        self._reader = asyncio.create_task(self._read(self.process))

    async def stop(self) -> int:
        """End the broadcast as an encoder does whose user presses stop.

        Returns:
            ffmpeg's exit status.
        """
        assert self.process is not None
        self._signal(signal.SIGINT)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                return await self.wait()
        except TimeoutError:
            return await self.kill()

    async def kill(self) -> int:
        """End the process without a word to the server, as a broken network does.

        Returns:
            ffmpeg's exit status.
        """
        self._signal(signal.SIGKILL)
        return await self.wait()

    async def wait(self) -> int:
        """Wait until ffmpeg has ended by itself.

        Returns:
            Its exit status; not 0 where the server refused it or cut it off.
        """
        assert self.process is not None
        assert self._reader is not None
        status = await self.process.wait()
        await self._reader
        return status

    def freeze(self) -> None:
        """Stop sending, with the connection left open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after :meth:`freeze`."""
        self._signal(signal.SIGCONT)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.thaw()
        await self.stop()

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            text = line.decode("utf-8", "replace").strip()
            self._said.append(text.replace(self._stream_key, "***"))


def _arguments(pattern: Pattern) -> list[str]:
    rate = pattern.frames_per_second
    picture = f"testsrc2=size={pattern.width}x{pattern.height}:rate={rate}"
    arguments = ["-hide_banner", "-loglevel", "error", "-nostats"]
    arguments += ["-re", "-f", "lavfi", "-i", picture]
    if pattern.audio_bits_per_second:
        arguments += ["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]
        arguments += ["-c:a", "aac", "-ac", "2", "-b:a", str(pattern.audio_bits_per_second)]
    group = max(1, round(rate * pattern.keyframe_seconds))
    bits = str(pattern.video_bits_per_second)
    arguments += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    arguments += ["-profile:v", pattern.x264_profile, "-threads", "1"]
    arguments += ["-g", str(group), "-keyint_min", str(group), "-sc_threshold", "0"]
    arguments += ["-b:v", bits, "-maxrate", bits, "-bufsize", bits]
    if pattern.b_frames:
        arguments += ["-bf", str(pattern.b_frames)]
    else:
        arguments += ["-tune", "zerolatency"]
    if pattern.duration_seconds:
        arguments += ["-t", str(pattern.duration_seconds)]
    return [*arguments, "-f", "flv"]
