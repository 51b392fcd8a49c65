"""What players fetch: master playlist, media playlist, segments, and a live thumbnail.

A master playlist is asked for by the channel's address, with ``?token=`` on authorized channels.
It opens a viewer session, whose handle is in every further address, so that a session can be ended
and counted; a finished playlist stays readable for as long as its session is used. The live
thumbnail (``….jpg`` beside the master playlist) is the stand-in's own; on AWS the recording has it.
"""

import asyncio
import time
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.video import pictures
from local.video.broadcasts import Broadcasts
from local.video.fmp4 import MediaError
from local.video.live_playlist import render_master
from local.video.playback_token import (
    Grant,
    TokenRefusedError,
    load_public_key,
    origin_matches,
    verify,
)
from local.video.resources import Channel
from local.video.settings import VideoSettings
from local.video.store import Store
from local.video.viewer_sessions import ViewerSession, ViewerSessions

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
SEGMENT_TYPE = "video/mp4"
COUNTRY_HEADER = "cloudfront-viewer-country"

_NO_STORE = "no-store"
_SEGMENT_CACHE = "private, max-age=60, immutable"


@dataclass(slots=True)
class _Thumbnail:
    made_at: float
    keyframe: bytes
    jpeg: bytes


class Playback:
    """The routes of players."""

    def __init__(
        self,
        settings: VideoSettings,
        store: Store,
        broadcasts: Broadcasts,
        viewers: ViewerSessions,
    ) -> None:
        self._settings = settings
        self._store = store
        self._broadcasts = broadcasts
        self._viewers = viewers
        self._keys: dict[str, EllipticCurvePublicKey] = {}
        self._thumbnails: dict[str, _Thumbnail] = {}
        self._prefix = f"{settings.region}.{settings.account_id}.channel."

    def routes(self) -> list[Route]:
        """Returns the routes."""
        return [
            Route("/api/video/v1/{name}.m3u8", self.master),
            Route("/api/video/v1/{name}.jpg", self.thumbnail),
            Route("/v1/playlist/{handle}.m3u8", self.media),
            Route("/v1/segment/{handle}/init-{number:int}.mp4", self.init),
            Route("/v1/segment/{handle}/{sequence:int}.m4s", self.segment),
        ]

    async def master(self, request: Request) -> Response:
        """Answer with the master playlist of a live channel.

        Args:
            request: Names the channel; carries the token.

        Returns:
            The playlist, or 403, or 404 while the channel shows nothing.
        """
        channel = self._channel(request)
        if channel is None:
            return _refuse(request, 404, "transcode_does_not_exist", "There is no such channel")
        try:
            grant = self._authorize(channel, request)
            playlist = self._broadcasts.playlist(channel.arn)
            if playlist is None or playlist.tracks is None:
                return _refuse(request, 404, "transcode_does_not_exist", "The channel is offline")
            session = self._viewers.open(channel.arn, playlist, grant)
        except TokenRefusedError as error:
            return _refuse(request, 403, "playback_auth_error", f"Not authorized: {error}")
        text = render_master(
            playlist.tracks,
            playlist.peak_bits_per_second,
            playlist.frames_per_second,
            f"/v1/playlist/{session.handle}.m3u8",
        )
        headers = _cors(request, grant, is_master=True) | {"Cache-Control": _NO_STORE}
        return Response(text, media_type=PLAYLIST_TYPE, headers=headers)

    async def media(self, request: Request) -> Response:
        """Answer with the media playlist of a viewer session.

        Args:
            request: Carries the session's handle.

        Returns:
            The playlist, or 403.
        """
        session = self._session(request, is_poll=True)
        if session is None:
            return _refuse(request, 403, "playback_auth_error", "Forbidden")
        text = session.playlist.render_media(f"/v1/segment/{session.handle}/")
        headers = _cors(request, session.grant) | {"Cache-Control": _NO_STORE}
        return Response(text, media_type=PLAYLIST_TYPE, headers=headers)

    async def init(self, request: Request) -> Response:
        """Answer with an initialisation section.

        Args:
            request: Carries the session's handle and the section's number.

        Returns:
            The section, or 403, or 404.
        """
        session = self._session(request)
        if session is None:
            return _refuse(request, 403, "playback_auth_error", "Forbidden")
        return self._bytes(request, session, session.playlist.init(request.path_params["number"]))

    async def segment(self, request: Request) -> Response:
        """Answer with a segment.

        Args:
            request: Carries the session's handle and the segment's number.

        Returns:
            The segment, or 403, or 404 once it has slid out of the window.
        """
        session = self._session(request)
        if session is None:
            return _refuse(request, 403, "playback_auth_error", "Forbidden")
        found = session.playlist.segment(request.path_params["sequence"])
        return self._bytes(request, session, found.data if found is not None else None)

    async def thumbnail(self, request: Request) -> Response:
        """Answer with a picture of what a channel shows now.

        Args:
            request: Names the channel; carries the token.

        Returns:
            A JPEG that is a few seconds old at most, or 403, or 404.
        """
        channel = self._channel(request)
        broadcast = self._broadcasts.active(channel.arn) if channel is not None else None
        tracks = broadcast.tracks if broadcast is not None else None
        if channel is None or broadcast is None or tracks is None or not broadcast.keyframe:
            return _refuse(request, 404, "transcode_does_not_exist", "The channel is offline")
        try:
            grant = self._authorize(channel, request)
        except TokenRefusedError as error:
            return _refuse(request, 403, "playback_auth_error", f"Not authorized: {error}")
        try:
            jpeg = await self._jpeg(channel.arn, tracks.video_config, broadcast.keyframe)
        except MediaError:
            return _refuse(request, 404, "transcode_does_not_exist", "There is no picture")
        headers = _cors(request, grant, is_master=True)
        visibility = "private" if channel.authorized else "public"
        headers["Cache-Control"] = f"{visibility}, max-age={self._settings.thumbnail_seconds:.0f}"
        return Response(jpeg, media_type="image/jpeg", headers=headers)

    async def _jpeg(self, channel_arn: str, video_config: bytes, keyframe: bytes) -> bytes:
        known = self._thumbnails.get(channel_arn)
        now = time.monotonic()
        is_fresh = known is not None and now - known.made_at < self._settings.thumbnail_seconds
        if known is not None and (is_fresh or known.keyframe is keyframe):
            return known.jpeg
        jpeg = await asyncio.to_thread(pictures.jpeg, video_config, keyframe)
        self._thumbnails[channel_arn] = _Thumbnail(now, keyframe, jpeg)
        return jpeg

    def _channel(self, request: Request) -> Channel | None:
        name: str = request.path_params["name"]
        if not name.startswith(self._prefix):
            return None
        channel_id = name.removeprefix(self._prefix)
        settings = self._settings
        arn = f"arn:aws:ivs:{settings.region}:{settings.account_id}:channel/{channel_id}"
        return self._store.channels.get(arn)

    def _authorize(self, channel: Channel, request: Request) -> Grant:
        grant = Grant()
        if channel.authorized:
            token = request.query_params.get("token", "")
            grant = verify(token, channel.arn, self._public_keys())
        self._check_policy(channel, request)
        origin = request.headers.get("origin", "")
        if grant.is_strict and grant.origins and not origin_matches(origin, grant.origins):
            raise TokenRefusedError("the origin is not allowed")
        return grant

    def _check_policy(self, channel: Channel, request: Request) -> None:
        policy = self._store.playback_restriction_policies.get(
            channel.playback_restriction_policy_arn
        )
        if policy is None:
            return
        country = request.headers.get(COUNTRY_HEADER, "")
        if policy.allowed_countries and country and country not in policy.allowed_countries:
            raise TokenRefusedError("the country is not allowed")
        origin = request.headers.get("origin", "")
        must_match = policy.enable_strict_origin_enforcement or bool(origin)
        allowed = policy.allowed_origins
        if allowed and must_match and not origin_matches(origin, allowed):
            raise TokenRefusedError("the origin is not allowed")

    def _public_keys(self) -> list[EllipticCurvePublicKey]:
        pairs = list(self._store.playback_key_pairs)
        self._keys = {
            pair.arn: self._keys.get(pair.arn) or load_public_key(pair.public_key_material)
            for pair in pairs
        }
        return list(self._keys.values())

    def _session(self, request: Request, *, is_poll: bool = False) -> ViewerSession | None:
        session = self._viewers.find(request.path_params["handle"], is_poll=is_poll)
        if session is None:
            return None
        grant = session.grant
        origin = request.headers.get("origin", "")
        if grant.is_strict and grant.origins and not origin_matches(origin, grant.origins):
            return None
        return session

    def _bytes(self, request: Request, session: ViewerSession, data: bytes | None) -> Response:
        if data is None:
            return _refuse(request, 404, "segment_not_found", "There is no such segment")
        headers = _cors(request, session.grant) | {"Cache-Control": _SEGMENT_CACHE}
        return Response(data, media_type=SEGMENT_TYPE, headers=headers)


def _cors(request: Request, grant: Grant, *, is_master: bool = False) -> dict[str, str]:
    """An origin restriction binds the master playlist, and the rest only where it is strict."""
    if not grant.origins or not (is_master or grant.is_strict):
        return {"Access-Control-Allow-Origin": "*"}
    origin = request.headers.get("origin", "")
    allowed = origin if origin_matches(origin, grant.origins) else grant.origins[0]
    return {"Access-Control-Allow-Origin": allowed, "Vary": "Origin"}


def _refuse(request: Request, status: int, code: str, message: str) -> Response:
    fault = {"url": request.url.path, "error": message, "error_code": code, "type": "error"}
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": _NO_STORE}
    return JSONResponse([fault], status_code=status, headers=headers)
