"""Emulators for the tests, and what the tests put into them."""

import io
import json
import os
import socket
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config

from local.aws.emulator import Emulator
from local.aws.environment import ensure_environment

REPOSITORY = Path(__file__).parents[3]
ROLE = "arn:aws:iam::000000000000:role/any"
HANDLERS = Path(__file__).with_name("handlers.py")
T = TypeVar("T")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def make_emulator(folder: Path, **options: Any) -> Emulator:
    """Describe an emulator with a folder of its own and the environment of them all."""
    shared = REPOSITORY / ".local"
    ensure_environment(shared)
    folder.mkdir(parents=True, exist_ok=True)
    environment = folder / "emulator-venv"
    if not environment.exists():
        environment.symlink_to(shared / "emulator-venv")
    return Emulator(folder, port=options.pop("port", 0) or free_port(), **options)


@contextmanager
def running(folder: Path, **options: Any) -> Iterator["Cloud"]:
    emulator = make_emulator(folder, **options)
    emulator.start()
    try:
        yield Cloud(emulator)
    finally:
        emulator.stop()


def eventually(probe: Callable[[], T], *, within_seconds: float = 10.0) -> T:
    """Ask until the answer is true, and return the last one in any case."""
    deadline = time.monotonic() + within_seconds
    while not (answer := probe()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer


class Cloud:
    """One emulator with boto3 clients and functions whose code stands in the tests."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.url = emulator.endpoint_url
        self._clients: dict[str, Any] = {}

    def processor_seconds(self) -> float:
        """Return what the emulator's own process has used so far, whatever else runs here."""
        stat = Path(f"/proc/{self.emulator.running_pid()}/stat").read_text()
        return sum(map(int, stat.rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def awakenings(self) -> int:
        """Return how often the emulator's event loop has waited for something so far."""
        pid = self.emulator.running_pid()
        status = Path(f"/proc/{pid}/task/{pid}/status").read_text()
        return int(status.partition("voluntary_ctxt_switches:")[2].split()[0])

    def client(self, service: str, *, path: str = "") -> Any:
        if service + path not in self._clients:
            self._clients[service + path] = boto3.Session(**self.emulator.credentials()).client(
                service,
                endpoint_url=self.url + path,
                config=Config(retries={"total_max_attempts": 1}, max_pool_connections=50),
            )
        return self._clients[service + path]

    def function(self, handler: str, **options: Any) -> "Function":
        """Deploy one of the handlers in `handlers.py`."""
        name = f"{handler}-{time.time_ns()}"
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as opened:
            opened.writestr("handlers.py", HANDLERS.read_text())
        notes = self.emulator.local_dir / f"{name}.notes"
        variables = {"NOTES": str(notes), **options.pop("environment", {})}
        arn = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role=ROLE,
            Handler=f"handlers.{handler}",
            Code={"ZipFile": archive.getvalue()},
            Environment={"Variables": variables},
            **{"Timeout": 20, **options},
        )["FunctionArn"]
        return Function(self, name, arn, notes)

    def table(self, *, ttl: str | None = None) -> str:
        name = f"table-{time.time_ns()}"
        dynamodb = self.client("dynamodb")
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        if ttl:
            specification = {"Enabled": True, "AttributeName": ttl}
            dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=specification)
        return name

    def put(self, table: str, *ids: str, **attributes: dict[str, str]) -> None:
        for id_ in ids:
            self.client("dynamodb").put_item(TableName=table, Item={"id": {"S": id_}, **attributes})

    def map_stream(self, table: str, function: "Function", **options: Any) -> str:
        arn = self.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]
        mapping: str = self.client("lambda").create_event_source_mapping(
            EventSourceArn=arn,
            FunctionName=function.name,
            **{"StartingPosition": "TRIM_HORIZON", "BatchSize": 100, **options},
        )["UUID"]
        return mapping

    def queue(self, *, fifo: bool = False, **attributes: str) -> tuple[str, str]:
        """Make a queue; return its URL and ARN."""
        sqs = self.client("sqs")
        name = f"queue-{time.time_ns()}" + (".fifo" if fifo else "")
        kind = {"FifoQueue": "true", "ContentBasedDeduplication": "true"} if fifo else {}
        url = sqs.create_queue(QueueName=name, Attributes={**kind, **attributes})["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, found["Attributes"]["QueueArn"]

    def socket_api(self, handler: "Function", **route: str) -> str:
        """Make a WebSocket API that hands everything to one function; return its id."""
        gateway = self.client("apigatewayv2")
        api: str = gateway.create_api(
            Name=f"chat-{time.time_ns()}",
            ProtocolType="WEBSOCKET",
            RouteSelectionExpression="$request.body.action",
        )["ApiId"]
        integration = gateway.create_integration(
            ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=handler.arn
        )["IntegrationId"]
        for key in ("$connect", "$disconnect", "$default"):
            options = route if key == "$default" else {}
            target = f"integrations/{integration}"
            gateway.create_route(ApiId=api, RouteKey=key, Target=target, **options)
        gateway.create_stage(ApiId=api, StageName="live")
        return api

    def socket_url(self, api: str) -> str:
        return f"{self.url.replace('http', 'ws')}/_aws/execute-api/{api}/live"


class Function:
    """A deployed function and the notes that its handler has taken."""

    def __init__(self, cloud: Cloud, name: str, arn: str, notes: Path) -> None:
        self._cloud = cloud
        self.name = name
        self.arn = arn
        self._notes = notes

    def invoke(self, event: Any = None) -> Any:
        """Invoke it and return what it answers; an error in AWS's shape, if it fails."""
        answer = self._cloud.client("lambda").invoke(
            FunctionName=self.name, Payload=json.dumps(event).encode()
        )
        return json.load(answer["Payload"])

    def notes(self) -> list[Any]:
        if not self._notes.exists():
            return []
        return [json.loads(line) for line in self._notes.read_text().splitlines()]

    def notes_once(self, count: int, *, within_seconds: float = 10.0) -> list[Any]:
        """Wait for that many notes, and return all of them."""
        eventually(lambda: len(self.notes()) >= count, within_seconds=within_seconds)
        return self.notes()
