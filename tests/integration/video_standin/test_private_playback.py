import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from local.video.test_pattern import TestPattern
from tests.integration.video_standin.house import House, pattern, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORIGIN = {"origin": "https://watch.example"}


@dataclass
class Theatre:
    """A live authorized channel and the key that opens it."""

    house: House
    channel: dict[str, Any]
    publisher: TestPattern
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP384R1())
    )

    def claims(self, **changes: Any) -> dict[str, Any]:
        claims = {"aws:channel-arn": self.channel["arn"], "exp": int(time.time()) + 300, **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, **changes: Any) -> str:
        return jwt.encode(self.claims(**changes), self.key, algorithm="ES384")

    async def import_key(self) -> None:
        """Let the key open the channel."""
        public = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        await self.house.call("import_playback_key_pair", publicKeyMaterial=public.decode())

    async def master(self, token: str, headers: dict[str, str] | None = None) -> Any:
        return await self.house.http.get(
            self.channel["playbackUrl"], params={"token": token}, headers=headers or {}
        )

    async def enter(self, **changes: Any) -> str:
        """Open a session; returns the path of its media playlist."""
        answer = await self.master(self.token(**changes))
        assert answer.status_code == 200, answer.text
        lines: list[str] = answer.text.splitlines()
        return next(line for line in lines if line.startswith("/"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def theatre() -> AsyncIterator[Theatre]:
    async with running() as house:
        channel, key = await house.channel(authorized=True)
        async with house.publisher(key, pattern(160, 90)) as publisher:
            theatre = Theatre(house, channel, publisher)
            await theatre.import_key()
            await house.playlist(channel, params={"token": theatre.token()})
            yield theatre


async def test_good_token_opens_playlist_and_segments(theatre: Theatre) -> None:
    media = await theatre.enter(**{"aws:viewer-id": "v", "aws:viewer-session-version": 3})
    data = await theatre.house.media(await theatre.house.text(media))
    assert b"moof" in data
    assert theatre.token() not in media


async def test_bad_claims_are_refused_in_the_shape_of_ivs(theatre: Theatre) -> None:
    for changes in (
        {"aws:channel-arn": "arn:aws:ivs:us-east-1:000000000000:channel/AbCdEfGhIjKl"},
        {"exp": 1_600_000_000},
        {"aws:viewer-id": "v", "exp": 4_000_000_000},
    ):
        answer = await theatre.master(theatre.token(**changes))
        assert answer.status_code == 403
        assert answer.json()[0]["error_code"] == "playback_auth_error"
        assert "eyJ" not in answer.text


async def test_forged_tokens_are_refused(theatre: Theatre) -> None:
    claims = theatre.claims()
    other = ec.generate_private_key(ec.SECP384R1())
    short = ec.generate_private_key(ec.SECP256R1())
    good = theatre.token()
    head, body, signature = good.split(".")
    longer = jwt.encode(theatre.claims(exp=4_000_000_000), other, algorithm="ES384").split(".")[1]
    for token in (
        "",
        "nonsense",
        "a.b.c",
        "x" * 10_000,
        jwt.encode(claims, other, algorithm="ES384"),
        jwt.encode(claims, short, algorithm="ES256"),
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, "secret" * 10, algorithm="HS384"),
        jwt.encode(claims, theatre.key, algorithm="ES384", headers={"typ": "other"}),
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body}.",
        f"{head}.{longer}.{signature}",
    ):
        answer = await theatre.master(token)
        assert answer.status_code == 403, token


async def test_running_session_outlives_its_token_and_its_key(theatre: Theatre) -> None:
    media = await theatre.enter(exp=int(time.time()) + 1)
    for pair in (await theatre.house.call("list_playback_key_pairs"))["keyPairs"]:
        await theatre.house.call("delete_playback_key_pair", arn=pair["arn"])
    await asyncio.sleep(1.1)
    assert "#EXTINF" in await theatre.house.text(media)
    assert (await theatre.master(theatre.token())).status_code == 403
    await theatre.import_key()


async def test_single_use_token_is_spent_by_its_first_playlist(theatre: Theatre) -> None:
    token = theatre.token(**{"aws:single-use-uuid": "ab5b1d84-6a3b-4d2b-9d4b-5f0f2b7a1c11"})
    assert (await theatre.master(token)).status_code == 200
    assert (await theatre.master(token)).status_code == 403


async def test_revocation_ends_running_sessions_and_bars_older_versions(theatre: Theatre) -> None:
    viewer = {"aws:viewer-id": "v"}
    old = await theatre.enter(**viewer, **{"aws:viewer-session-version": 5})
    new = await theatre.enter(**viewer, **{"aws:viewer-session-version": 6})
    other = await theatre.enter(**{"aws:viewer-id": "w", "aws:viewer-session-version": 1})
    listed = await theatre.house.text(old)
    segment = next(line for line in listed.splitlines() if line.endswith(".m4s"))
    await theatre.house.call(
        "start_viewer_session_revocation",
        channelArn=theatre.channel["arn"],
        viewerId="v",
        viewerSessionVersionsLessThanOrEqualTo=5,
    )
    for path in (old, segment):
        answer = await theatre.house.http.get(theatre.house.video.http_url + path)
        assert answer.status_code == 403
    for path in (new, other):
        assert "#EXTINF" in await theatre.house.text(path)
    for version, status in ((5, 403), (0, 403), (6, 200)):
        token = theatre.token(**viewer, **{"aws:viewer-session-version": version})
        assert (await theatre.master(token)).status_code == status


async def test_origin_claim_binds_the_master_playlist(theatre: Theatre) -> None:
    token = theatre.token(**{"aws:access-control-allow-origin": "https://*.example,http://b:80"})
    answer = await theatre.master(token, ORIGIN)
    assert answer.headers["access-control-allow-origin"] == "https://watch.example"
    assert answer.headers["vary"] == "Origin"
    foreign = await theatre.master(token, {"origin": "https://evil.test"})
    assert foreign.status_code == 200
    assert foreign.headers["access-control-allow-origin"] != "https://evil.test"


async def test_strict_origin_binds_every_request(theatre: Theatre) -> None:
    strict = {
        "aws:access-control-allow-origin": "https://watch.example",
        "aws:strict-origin-enforcement": True,
    }
    token = theatre.token(**strict)
    assert (await theatre.master(token)).status_code == 403
    assert (
        await theatre.master(token, {"origin": "https://watch.example.evil"})
    ).status_code == 403
    answer = await theatre.master(token, ORIGIN)
    assert answer.status_code == 200
    media = theatre.house.video.http_url + next(
        line for line in answer.text.splitlines() if line.startswith("/")
    )
    assert (await theatre.house.http.get(media)).status_code == 403
    playlist = await theatre.house.http.get(media, headers=ORIGIN)
    assert playlist.status_code == 200
    segment = theatre.house.video.http_url + playlist.text.splitlines()[-1]
    assert (await theatre.house.http.get(segment)).status_code == 403
    assert (await theatre.house.http.get(segment, headers=ORIGIN)).status_code == 200


async def test_guessed_handles_open_nothing(theatre: Theatre) -> None:
    for path in ("/v1/playlist/guess.m3u8", "/v1/segment/guess/0.m4s", "/v1/segment/x/init-0.mp4"):
        answer = await theatre.house.http.get(theatre.house.video.http_url + path)
        assert answer.status_code == 403


async def test_live_thumbnail_needs_the_token_too(theatre: Theatre) -> None:
    url = theatre.channel["playbackUrl"].replace(".m3u8", ".jpg")
    assert (await theatre.house.http.get(url)).status_code == 403
    answer = await theatre.house.http.get(url, params={"token": theatre.token()})
    assert answer.status_code == 200
    assert answer.headers["cache-control"].startswith("private")


async def test_restriction_policy_binds_origin_and_country(theatre: Theatre) -> None:
    house = theatre.house
    made = await house.call(
        "create_playback_restriction_policy",
        allowedOrigins=["https://watch.example"],
        allowedCountries=["DE"],
        enableStrictOriginEnforcement=True,
    )
    policy = made["playbackRestrictionPolicy"]["arn"]
    channel, key = await house.channel(playbackRestrictionPolicyArn=policy)
    async with house.publisher(key, pattern(160, 90)):
        await house.playlist(channel, headers=ORIGIN)
        for headers, status in (
            ({}, 403),
            ({"origin": "https://evil.test"}, 403),
            ({**ORIGIN, "cloudfront-viewer-country": "FR"}, 403),
            ({**ORIGIN, "cloudfront-viewer-country": "DE"}, 200),
        ):
            answer = await house.http.get(channel["playbackUrl"], headers=headers)
            assert answer.status_code == status, headers
