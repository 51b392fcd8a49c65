"""An OpenID Connect issuer with one user: discovery, authorization code with PKCE, refresh."""

from __future__ import annotations

import base64
import hashlib
import secrets
from contextlib import AbstractAsyncContextManager
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.browser.recorded.server import serving
from tests.support.stack import free_port
from tests.support.tokens import Issuer

CLIENT_ID = "ayinel-live"
NAME = "Nora of the issuer"


class RecordedIssuer:
    """The issuer, on an origin of its own.

    Args:
        gives_refresh_tokens: Whether a sign-in outlives its access token.

    Attributes:
        url: Its origin.
        tokens: Signs its tokens.
        revoked: Refresh tokens that were given back.
    """

    def __init__(self, *, gives_refresh_tokens: bool = True) -> None:
        self._port = free_port()
        self._gives_refresh_tokens = gives_refresh_tokens
        self._codes: dict[str, tuple[str, str]] = {}
        self._refresh: set[str] = set()
        self.url = f"http://127.0.0.1:{self._port}"
        self.tokens = Issuer()
        self.revoked: list[str] = []
        self._app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/authorize", self._authorize),
                Route("/allow", self._allow),
                Route("/token", self._token, methods=["POST"]),
                Route("/revoke", self._revoke, methods=["POST"]),
            ],
            middleware=[Middleware(CORSMiddleware, allow_origins=["*"])],
        )

    @property
    def config(self) -> dict[str, object]:
        """What `config.json` says in the pool's place; the policy lets pages call the issuer."""
        return {"oidcIssuer": self.url, "oidcClientId": CLIENT_ID}

    def serving(self) -> AbstractAsyncContextManager[None]:
        """Serve until the block ends."""
        return serving(self._app, self._port)

    async def _discovery(self, _: Request) -> Response:
        paths = {"authorization": "authorize", "token": "token", "revocation": "revoke"}
        ends = {f"{name}_endpoint": f"{self.url}/{path}" for name, path in paths.items()}
        return JSONResponse({"issuer": self.url, **ends})

    async def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        query = urlencode(dict(asked))
        deny = urlencode({"error": "access_denied", "state": asked["state"]})
        return HTMLResponse(
            f'<h1>Issuer</h1><a id="allow" href="/allow?{query}">Allow</a>'
            f'<a id="deny" href="{asked["redirect_uri"]}?{deny}">Deny</a>'
        )

    async def _allow(self, request: Request) -> Response:
        asked = request.query_params
        code = secrets.token_urlsafe()
        self._codes[code] = (asked["code_challenge"], asked["redirect_uri"])
        answer = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}", 302)

    async def _token(self, request: Request) -> Response:
        form = await _form(request)
        if form["client_id"] != CLIENT_ID:
            return JSONResponse({"error": "invalid_client"}, 401)
        if form["grant_type"] == "refresh_token":
            known = form["refresh_token"]
            if known not in self._refresh:
                return JSONResponse({"error": "invalid_grant"}, 400)
            # Rotation: each is good once (RFC 9700, section 4.14.2).
            self._refresh.remove(known)
            return self._tokens()
        challenge, redirect = self._codes.pop(form["code"], ("", ""))
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if proof != challenge or form["redirect_uri"] != redirect:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return self._tokens()

    def _tokens(self) -> Response:
        claims = {"iss": self.url, "aud": CLIENT_ID, "sub": "nora", "username": None, "name": NAME}
        answer: dict[str, object] = {
            "access_token": self.tokens.token(**claims),
            "token_type": "Bearer",
            "expires_in": 3600,
        }
        if self._gives_refresh_tokens:
            refresh = secrets.token_urlsafe()
            self._refresh.add(refresh)
            answer["refresh_token"] = refresh
        return JSONResponse(answer)

    async def _revoke(self, request: Request) -> Response:
        token = (await _form(request))["token"]
        self._refresh.discard(token)
        self.revoked.append(token)
        return Response(status_code=200)


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode()))
