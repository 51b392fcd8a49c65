"""What a signature costs, against botocore's signer on the same request."""

from __future__ import annotations

import time
from collections.abc import Callable

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from ayinel_live.fan_out.signer import Credentials, Payload, PostSigner, path_part
from tests.benchmarks.harness import Figure, figure

BODY = b"x" * 344
TOKEN = "T" * 1000
HOST = "abc123.execute-api.us-east-1.amazonaws.com"
ROUNDS = 5


def best_seconds(sign: Callable[[str], object], count: int) -> float:
    """Return the processor time of a signature, the best of some rounds."""
    ids = [f"L0SM9cOF{number:07}=" for number in range(count)]
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.process_time()
        for connection_id in ids:
            sign(connection_id)
        best = min(best, (time.process_time() - begin) / count)
    return best


def measure() -> list[Figure]:
    """Cost of a signature."""
    signer = PostSigner(Credentials("AKID", "secret", TOKEN), "us-east-1", HOST, "/prod")
    payload = Payload.of(BODY)
    theirs = SigV4Auth(BotocoreCredentials("AKID", "secret", TOKEN), "execute-api", "us-east-1")

    def sign(connection_id: str) -> bytes:
        return signer.request("POST", path_part(connection_id), payload)

    def sign_as_botocore(connection_id: str) -> None:
        path = f"/prod/@connections/{connection_id.replace('=', '%3D')}"
        theirs.add_auth(AWSRequest("POST", f"https://{HOST}{path}", data=BODY))

    ours = best_seconds(sign, 5000)
    peer = best_seconds(sign_as_botocore, 500)
    return [
        figure("botocore signature", peer * 1e6, "us CPU"),
        figure("post signature with its request", ours * 1e6, "us CPU", "botocore", peer / ours),
    ]
