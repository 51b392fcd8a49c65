"""An issuer of tokens with a key of its own."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER = "https://issuer.example/pool"
AUDIENCE = "client-1"


class Issuer:
    """Signs tokens and publishes its keys."""

    def __init__(self, kid: str = "key-1") -> None:
        self.kid = kid
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.fetches = 0

    def jwks(self, url: str = "") -> bytes:
        """Return the key set; counts how often it was asked for."""
        self.fetches += 1
        entry = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return json.dumps({"keys": [{**entry, "kid": self.kid, "use": "sig"}]}).encode()

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of an access token; None leaves a claim out."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": "ana",
            "client_id": AUDIENCE,
            "token_use": "access",
            "username": "Ana",
            "iat": now,
            "exp": now + 3600,
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, kid: str | None = None, **changes: Any) -> str:
        """Return a signed token."""
        headers = {"kid": kid or self.kid}
        return jwt.encode(self.claims(**changes), self.key, algorithm="RS256", headers=headers)
