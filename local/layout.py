"""Where the one-machine runtime keeps things, and which ports it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Layout:
    """Folders and ports of one runtime; two runtimes need two folders and other ports.

    Attributes:
        local_dir: State, logs and pid files.
        aws_port: Every AWS API.
        rtmp_port: Where encoders push to.
        video_port: HLS for players and the IVS API.
        web_port: The pages.
    """

    local_dir: Path = field(default=REPOSITORY / ".local")
    aws_port: int = 4566
    rtmp_port: int = 1935
    video_port: int = 8935
    web_port: int = 8080

    @property
    def state_dir(self) -> Path:
        """What survives `down` and `up`."""
        return self.local_dir / "state"

    @property
    def logs_dir(self) -> Path:
        """A log for each program."""
        return self.local_dir / "logs"

    @property
    def rtmp_url(self) -> str:
        """What goes into the encoder's server field."""
        return f"rtmp://{HOST}:{self.rtmp_port}/app/"

    @property
    def video_url(self) -> str:
        """The base of HLS and of the IVS API."""
        return f"http://{HOST}:{self.video_port}"

    @property
    def web_url(self) -> str:
        """The pages."""
        return f"http://{HOST}:{self.web_port}"
