"""What functions cost to start, from the bundle and the layers that are deployed.

Each start is `import functions.<name>.handler` in a fresh interpreter that sees nothing but the
function's bundle and layers, with the environment of the prod stage. The peer is `import boto3` and
one DynamoDB client from the same layer, and once more from PyPI's untrimmed wheel, which is what
Lambda's own runtime holds. Rounds alternate, so that both sides of a ratio met the same machine.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

from infra.layers.code import function_bundle, shared_layer
from infra.layers.packages import package_layer
from infra.layers.recipes import HOST, Layer
from tests.benchmarks.harness import Figure, figure
from tests.infra.synthesis import synthesis

ROUNDS = 7
LIMITS = {
    "streams_api": 0.8,
    "chat_api": 0.8,
    "channels_api": 0.8,
    "analytics_api": 0.8,
    "chat_socket": 0.8,
    "post_worker": 0.45,
}
LAYER_LIMITS_MB = {Layer.BASE: 26, Layer.CLASSIFIER: 80}
PEER = "import boto3; boto3.client('dynamodb')"
PEER_NAME = "import boto3 and one client"
# Like Lambda's own: no site packages, no folder of the caller, nothing of the user's environment.
ISOLATED = (sys.executable, "-I", "-S", "-B")
PROGRAM = """
import json, sys, time
sys.path[:0] = json.loads(sys.argv[1])
begin = time.process_time()
{statement}
print(time.process_time() - begin)
"""
AWS_VARIABLES = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "AKID",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "T" * 1000,
    # An import must make no request, so nobody answers this address.
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
}
# The first frame: read, checked and refused by its missing field, before anything of AWS.
FIRST_FRAME = """
answer = functions.chat_socket.handler.handler({
    "requestContext": {
        "routeKey": "send-message", "eventType": "MESSAGE", "connectionId": "abc=",
        "requestId": "r", "authorizer": {},
    },
    "body": "{\\"action\\": \\"send-message\\"}",
}, None)
assert answer["statusCode"] == 200, answer
"""
# What the first request of all brings in beside the init, before AWS is asked.
FIRST_ENDPOINTS = {
    "streams_api": "watching",
    "chat_api": "endpoints",
    "channels_api": "endpoints",
    "analytics_api": "endpoints",
}
# What a function's first request to DynamoDB brings in beside its init.
FIRST_CLIENT = """
from ayinel_live.runtime.aws import aws_client
aws_client("dynamodb")
"""


def measure() -> list[Figure]:
    """Cost of cold starts, and sizes of the layers."""
    costs: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, (function, statement, is_untrimmed) in starts().items():
            cost = start_seconds(function, statement, is_untrimmed=is_untrimmed)
            costs.setdefault(name, []).append(cost * 1e3)
    peer, untrimmed = costs.pop("peer"), costs.pop("untrimmed peer")
    figures = [
        figure(PEER_NAME, statistics.median(peer), "ms CPU"),
        figure(f"{PEER_NAME}, untrimmed", statistics.median(untrimmed), "ms CPU"),
    ]
    for name, mine in costs.items():
        limit = LIMITS.get(name)
        note = f"at most {limit}" if limit else ""
        for whose, theirs in ((PEER_NAME, peer), (f"{PEER_NAME}, untrimmed", untrimmed)):
            ratio = statistics.median(one / other for one, other in zip(mine, theirs, strict=True))
            figures.append(
                figure(f"init of {name}", statistics.median(mine), "ms CPU", whose, ratio, note)
            )
    return figures + sizes()


def starts() -> dict[str, tuple[str, str, bool]]:
    """Return what is started, by its name: function, statement, whether on untrimmed boto3."""
    found = {
        "peer": ("post_worker", PEER, False),
        "untrimmed peer": ("post_worker", PEER, True),
    }
    for name in LIMITS:
        found[name] = (name, f"import functions.{name}.handler", False)
    socket = "import functions.chat_socket.handler"
    found["chat_socket and its first frame"] = ("chat_socket", socket + FIRST_FRAME, False)
    found["chat_socket and its first client"] = ("chat_socket", socket + FIRST_CLIENT, False)
    for name, endpoints in FIRST_ENDPOINTS.items():
        first = f"import functions.{name}.handler, functions.{name}.{endpoints}"
        found[f"{name} and its first endpoints"] = (name, first, False)
    first = "import functions.streams_api.handler, functions.streams_api.watching"
    found["streams_api, endpoints and client"] = ("streams_api", first + FIRST_CLIENT, False)
    return found


def start_seconds(function: str, statement: str, *, is_untrimmed: bool = False) -> float:
    """Return the processor time of a statement in a fresh interpreter.

    Args:
        function: Whose bundle, layers and environment it sees.
        statement: What is run.
        is_untrimmed: Whether it sees this machine's site packages in place of the layers.
    """
    folders = [sysconfig.get_path("purelib")] if is_untrimmed else folders_of(function)
    done = subprocess.run(
        [*ISOLATED, "-c", PROGRAM.format(statement=statement), json.dumps(folders)],
        check=True,
        capture_output=True,
        text=True,
        env={**AWS_VARIABLES, **variables_of(function)},
    )
    return float(done.stdout.split()[-1])


@cache
def folders_of(function: str) -> list[str]:
    """Return where a function's modules are found, first its bundle."""
    found = synthesis("prod")
    versions = found.resources("AWS::Lambda::LayerVersion")
    described = [
        versions[layer["Ref"]]["Properties"]["Description"]
        for layer in found.functions()[function]["Properties"]["Layers"]
    ]
    layers = [folder_of(Layer(text.rsplit(" ", 1)[1])) for text in described]
    return [str(function_bundle(function)), *(str(layer / "python") for layer in layers)]


def folder_of(layer: Layer) -> Path:
    """Return a layer's folder as it is built for this machine."""
    return shared_layer() if layer is Layer.SHARED else package_layer(layer, HOST)


@cache
def variables_of(function: str) -> dict[str, str]:
    """Return a function's environment, with something for what only a deployment knows."""
    properties = synthesis("prod").functions()[function]["Properties"]
    return {
        name: value
        if isinstance(value, str)
        else ("https://given.invalid/later" if name.endswith("_URL") else "given-later")
        for name, value in properties["Environment"]["Variables"].items()
    }


def sizes() -> list[Figure]:
    """Return what the layers weigh, unpacked."""
    figures = []
    for layer, limit in LAYER_LIMITS_MB.items():
        files = [path for path in folder_of(layer).rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files) / 1e6
        note = f"at most {limit} MB"
        figures.append(figure(f"{layer} layer, unpacked", size, "MB", note, size / limit, note))
    return figures
