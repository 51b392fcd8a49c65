"""The security headers of every page, on AWS and on one machine."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit


def content_security_policy(
    connect: Iterable[str], media: Iterable[str], *, player_url: str = ""
) -> str:
    """Return the policy of the pages: their own scripts alone, and video from where it is.

    Args:
        connect: Origins that pages may call besides their own.
        media: Origins that video and pictures may come from besides their own.
        player_url: The script of the video service's own player, where the pages may load it. It
            brings WebAssembly and a worker from where it lies itself.
            https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/web-content-security-policy.html
    """
    connect, media = tuple(connect), tuple(media)
    player = []
    if player_url:
        parts = urlsplit(player_url)
        player = [f"{parts.scheme}://{parts.netloc}"]
    directives = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *player, *(["'wasm-unsafe-eval'"] if player else [])],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:", *media],
        "media-src": ["'self'", "blob:", *media],
        "connect-src": ["'self'", *connect, *player],
        "worker-src": ["'self'", "blob:"],
        "font-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'self'"],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in directives.items())


OTHER_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
