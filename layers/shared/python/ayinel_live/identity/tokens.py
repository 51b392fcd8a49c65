"""Tokens on routes where one is optional, checked as the gateway's JWT authorizer checks them.

The algorithm is pinned (RFC 8725, section 3.1): what the token's own header asks for is only ever
compared with it. PyJWT and cryptography are imported when the first token comes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ayinel_live.identity.callers import Caller, caller_from_claims
from ayinel_live.runtime.errors import UnauthenticatedError, UpstreamError

if TYPE_CHECKING:
    from jwt import PyJWK

ALGORITHM = "RS256"
# An access token of Cognito or Entra is under 4 KB; more is not worth decoding.
MAX_TOKEN_CHARACTERS = 8192
MAX_JWKS_BYTES = 256 * 1024
KEY_LIFE_SECONDS = 3600.0
# Unknown key ids make at most one request in this time, or forged tokens could drive requests.
REFETCH_PAUSE_SECONDS = 30.0
FETCH_TIMEOUT_SECONDS = 2.0
LEEWAY_SECONDS = 5

Fetch = Callable[[str], bytes]


def fetch_over_http(url: str) -> bytes:
    """Get a small document.

    Args:
        url: An `https` address; `http` is for an issuer on the same machine.

    Raises:
        UpstreamError: No answer, or none that can be a key set.
    """
    import urllib3

    try:
        answer = urllib3.PoolManager(retries=urllib3.Retry(1, redirect=0)).request(
            "GET", url, timeout=FETCH_TIMEOUT_SECONDS, preload_content=False
        )
        try:
            data: bytes = answer.read(MAX_JWKS_BYTES + 1)
        finally:
            answer.release_conn()
    except urllib3.exceptions.HTTPError:
        raise UpstreamError("The token issuer's keys cannot be had.", retry_after_seconds=2) from (
            None
        )
    if answer.status != 200 or len(data) > MAX_JWKS_BYTES:
        raise UpstreamError("The token issuer's keys cannot be had.", retry_after_seconds=2)
    return data


class KeySet:
    """An issuer's public signing keys, fetched when needed and kept for a while.

    Args:
        url: Where the JSON Web Key Set (RFC 7517) lies.
        fetch: Gets the document.
        monotonic: Seconds that only grow.
    """

    def __init__(
        self,
        url: str,
        fetch: Fetch = fetch_over_http,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._fetch = fetch
        self._monotonic = monotonic
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None

    def key(self, key_id: str) -> PyJWK:
        """Return the key of an id.

        Raises:
            UnauthenticatedError: The issuer has no such key.
            UpstreamError: No key set could be had yet.
        """
        now = self._monotonic()
        is_stale = self._fetched_at is None or now - self._fetched_at > KEY_LIFE_SECONDS
        if is_stale or key_id not in self._keys:
            self._refresh(now)
        try:
            return self._keys[key_id]
        except KeyError:
            raise UnauthenticatedError("The token does not verify.") from None

    def _refresh(self, now: float) -> None:
        if self._tried_at is not None and now - self._tried_at < REFETCH_PAUSE_SECONDS:
            if self._fetched_at is None:
                raise UpstreamError("The token issuer's keys cannot be had.", retry_after_seconds=2)
            return
        self._tried_at = now
        try:
            self._keys = _parse_keys(self._fetch(self._url))
        except UpstreamError:
            if self._fetched_at is None:
                self._tried_at = None
                raise
            return  # Keys known before stay good while the issuer is out of reach.
        self._fetched_at = now


def _parse_keys(document: bytes) -> dict[str, PyJWK]:
    import jwt

    try:
        entries = json.loads(document)["keys"]
        usable = [
            entry
            for entry in entries
            if entry.get("kty") == "RSA" and entry.get("use", "sig") == "sig" and "kid" in entry
        ]
        return {entry["kid"]: jwt.PyJWK(entry, algorithm=ALGORITHM) for entry in usable}
    except (ValueError, KeyError, TypeError, AttributeError, jwt.PyJWKError):
        raise UpstreamError(
            "The token issuer's keys cannot be read.", retry_after_seconds=2
        ) from None


class TokenVerifier:
    """Turns an `Authorization` header into a caller.

    Args:
        issuer: The `iss` that tokens must carry, exactly.
        jwks_url: Where the issuer's keys lie.
        audiences: Accepted values of `aud`, or of `client_id` where there is no `aud`.
        operator_group: The group whose members are operators; empty for none.
        keys: The issuer's keys; made from `jwks_url` by default.
    """

    def __init__(
        self,
        issuer: str,
        jwks_url: str,
        audiences: Sequence[str],
        *,
        operator_group: str = "",
        keys: KeySet | None = None,
    ) -> None:
        self._issuer = issuer
        self._audiences = frozenset(audiences)
        self._operator_group = operator_group
        self._keys = keys or KeySet(jwks_url)

    def caller(self, headers: Mapping[str, str]) -> Caller | None:
        """Return who is calling, or None where no token was sent.

        Args:
            headers: The request's headers, names in lower case.

        Raises:
            UnauthenticatedError: A token was sent and does not verify.
            UpstreamError: The issuer's keys cannot be had.
        """
        header = headers.get("authorization", "").strip()
        if not header:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise UnauthenticatedError("The authorization must be a bearer token.")
        return self.caller_of(token.strip())

    def caller_of(self, token: str) -> Caller:
        """Return who a token speaks for.

        Raises:
            UnauthenticatedError: The token does not verify.
            UpstreamError: The issuer's keys cannot be had.
        """
        return caller_from_claims(self._verified(token), self._operator_group)

    def _verified(self, token: str) -> Mapping[str, Any]:
        import jwt

        if len(token) > MAX_TOKEN_CHARACTERS:
            raise UnauthenticatedError("The token does not verify.")
        try:
            header = jwt.get_unverified_header(token)
            key_id = header.get("kid")
            if header.get("alg") != ALGORITHM or not isinstance(key_id, str):
                raise UnauthenticatedError("The token does not verify.")
            claims: dict[str, Any] = jwt.decode(
                token,
                self._keys.key(key_id),
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "sub"], "verify_aud": False},
            )
        except jwt.PyJWTError:
            raise UnauthenticatedError("The token does not verify.") from None
        if not self._is_for_us(claims):
            raise UnauthenticatedError("The token is not meant for this service.")
        return claims

    def _is_for_us(self, claims: Mapping[str, Any]) -> bool:
        if claims.get("token_use", "access") != "access":
            return False
        audience = claims.get("aud", claims.get("client_id"))
        values = audience if isinstance(audience, list) else [audience]
        return any(isinstance(value, str) and value in self._audiences for value in values)
