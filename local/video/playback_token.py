"""Playback tokens of authorized channels.

Source: "Generate and Sign IVS Playback Tokens" in the IVS user guide: an ES384 JWT whose claims
begin with ``aws:``, checked when playback starts and not again. ``aws:maximum-resolution`` is let
through without effect: the stand-in has one rendition, so there is nothing to choose from.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from typing_extensions import TypeIs

MAX_TOKEN_CHARACTERS = 4096
MAX_TRACKED_SECONDS = 600
MAX_VIEWER_ID_CHARACTERS = 40
MAX_STRICT_ORIGINS = 5
_INT64 = 2**63


class TokenRefusedError(Exception):
    """Raised when a token does not let its bearer in; says why, never what the token was."""


class KeyRefusedError(ValueError):
    """Raised when key material is no ECDSA P-384 public key in PEM."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a good token allows.

    Attributes:
        viewer_id: Who watches; empty where the token does not say.
        version: The viewer-session version, 0 where the token does not say.
        origins: The origins that pages may play it from; empty for all.
        is_strict: Whether every request must come from one of them.
        single_use_id: Spends the token; empty where it may be used again.
        expires_at: Seconds since 1970.
    """

    viewer_id: str = ""
    version: int = 0
    origins: tuple[str, ...] = ()
    is_strict: bool = False
    single_use_id: str = ""
    expires_at: int = 0


def load_public_key(pem: str) -> EllipticCurvePublicKey:
    """Read a playback key pair's public half.

    Args:
        pem: What ImportPlaybackKeyPair was given.

    Returns:
        The key.

    Raises:
        KeyRefusedError: If it is no ECDSA P-384 public key.
    """
    try:
        key = load_pem_public_key(pem.encode())
    except ValueError as error:
        raise KeyRefusedError("not a public key in PEM") from error
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP384R1):
        raise KeyRefusedError("not an ECDSA P-384 key")
    return key


def verify(
    token: str,
    channel_arn: str,
    keys: Iterable[EllipticCurvePublicKey],
    clock: Callable[[], float] = time.time,
) -> Grant:
    """Check a token.

    Args:
        token: The JWT.
        channel_arn: The channel that it must be for.
        keys: The public keys, any of which may have signed it.
        clock: Tells seconds since 1970.

    Returns:
        What it allows.

    Raises:
        TokenRefusedError: If it does not let its bearer in.
    """
    claims = _claims(token, keys)
    if claims.get("aws:channel-arn") != channel_arn:
        raise TokenRefusedError("the token is for another channel")
    expires_at = claims.get("exp")
    now = clock()
    if not _is_integer(expires_at) or expires_at <= now:
        raise TokenRefusedError("the token has expired or says no time")
    grant = Grant(
        viewer_id=_text(claims, "aws:viewer-id", MAX_VIEWER_ID_CHARACTERS),
        version=_version(claims),
        origins=_origins(claims),
        is_strict=_flag(claims, "aws:strict-origin-enforcement"),
        single_use_id=_text(claims, "aws:single-use-uuid", 64),
        expires_at=expires_at,
    )
    if (grant.viewer_id or grant.single_use_id) and expires_at > now + MAX_TRACKED_SECONDS:
        raise TokenRefusedError("the token lives too long for a tracked viewer")
    if grant.is_strict and len(grant.origins) > MAX_STRICT_ORIGINS:
        raise TokenRefusedError("too many origins")
    return grant


def _claims(token: str, keys: Iterable[EllipticCurvePublicKey]) -> dict[str, object]:
    if not token or len(token) > MAX_TOKEN_CHARACTERS:
        raise TokenRefusedError("there is no token")
    options: jwt.types.Options = {"verify_exp": False, "verify_aud": False, "verify_iat": False}
    for key in keys:
        try:
            decoded = jwt.decode_complete(token, key, algorithms=["ES384"], options=options)
        except jwt.InvalidSignatureError:
            continue
        except (jwt.PyJWTError, ValueError) as error:
            raise TokenRefusedError("the token cannot be read") from error
        if decoded["header"].get("typ") != "JWT":
            raise TokenRefusedError("the token is no JWT")
        claims: dict[str, object] = decoded["payload"]
        return claims
    raise TokenRefusedError("no playback key has signed the token")


def _is_integer(value: object) -> TypeIs[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _text(claims: dict[str, object], name: str, longest: int) -> str:
    value = claims.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise TokenRefusedError(f"{name} is not a short text")
    return value


def _flag(claims: dict[str, object], name: str) -> bool:
    value = claims.get(name, False)
    if not isinstance(value, bool):
        raise TokenRefusedError(f"{name} is not a boolean")
    return value


def _version(claims: dict[str, object]) -> int:
    value = claims.get("aws:viewer-session-version", 0)
    if not _is_integer(value) or not -_INT64 <= value < _INT64:
        raise TokenRefusedError("aws:viewer-session-version is not a 64-bit integer")
    return value


def _origins(claims: dict[str, object]) -> tuple[str, ...]:
    value = _text(claims, "aws:access-control-allow-origin", MAX_TOKEN_CHARACTERS)
    origins = tuple(origin.strip() for origin in value.split(",") if origin.strip())
    return () if "*" in origins else origins


def origin_matches(origin: str, allowed: Iterable[str]) -> bool:
    """Hold a request's origin against what is allowed.

    Args:
        origin: The ``Origin`` header, empty where there is none.
        allowed: Origins; a host may begin with ``*``.

    Returns:
        Whether one of them covers it.
    """
    given = urlsplit(origin)
    if not given.scheme or not given.hostname:
        return False
    return any(_covers(urlsplit(pattern), given) for pattern in allowed)


def _covers(pattern: SplitResult, given: SplitResult) -> bool:
    host, given_host = pattern.netloc.lower(), given.netloc.lower()
    if pattern.scheme != given.scheme:
        return False
    if host.startswith("*"):
        return given_host.endswith(host[1:]) and len(given_host) > len(host) - 1
    return host == given_host
