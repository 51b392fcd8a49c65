"""A CDK app with one of everything, deployed by the CDK CLI."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from boto3.dynamodb.conditions import Key
from boto3.session import Session
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from local.aws import cdk as cdk_module
from local.aws.cdk import Cdk
from local.aws.errors import DeploymentError
from tests.integration.emulator.running import Cloud, eventually, running

APP = Path(__file__).with_name("sample_app")
ORIGIN = "http://localhost:8000"
PASSWORD = "Correct-horse-7"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running(tmp_path_factory.mktemp("sample")) as started:
        yield started


@pytest.fixture(scope="module")
def outputs(cloud: Cloud) -> dict[str, str]:
    return Cdk(cloud.emulator, app_dir=APP).deploy()["Sample"]


def journal(cloud: Cloud, outputs: dict[str, str], subject: str) -> list[dict[str, Any]]:
    session = Session(**cloud.emulator.credentials())
    table = session.resource("dynamodb", endpoint_url=cloud.url).Table(outputs["JournalTableName"])
    found = table.query(KeyConditionExpression=Key("subject").eq(subject))["Items"]
    return [json.loads(str(item["event"])) for item in found]


def token(cloud: Cloud, outputs: dict[str, str], user: str) -> str:
    cognito = cloud.client("cognito-idp")
    pool, client = outputs["PoolId"], outputs["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username=user)
    cognito.admin_set_user_password(
        UserPoolId=pool, Username=user, Password=PASSWORD, Permanent=True
    )
    answer = cognito.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user, "PASSWORD": PASSWORD},
    )
    access: str = answer["AuthenticationResult"]["AccessToken"]
    return access


def test_signed_in_route_takes_tokens_of_the_pool_only(
    cloud: Cloud, outputs: dict[str, str]
) -> None:
    url = f"{outputs['HttpUrl']}/mine/7"
    bearer = token(cloud, outputs, "creator")
    answer = httpx.get(url, headers={"authorization": f"Bearer {bearer}"})
    assert answer.status_code == 200
    claims = answer.json()["event"]["requestContext"]["authorizer"]["jwt"]["claims"]
    assert claims["token_use"] == "access"
    assert claims["client_id"] == outputs["ClientId"]
    assert httpx.get(url).status_code == 401
    header, payload, _signature = bearer.split(".")
    forged = f"{header}.{payload}.{'A' * 342}"
    assert httpx.get(url, headers={"authorization": f"Bearer {forged}"}).status_code == 401


def test_open_route_answers_browsers(outputs: dict[str, str]) -> None:
    url = f"{outputs['HttpUrl']}/open"
    ask = {"origin": ORIGIN, "access-control-request-method": "POST"}
    assert httpx.options(url, headers=ask).headers["access-control-allow-origin"] == ORIGIN
    answer = httpx.post(url, json={"a": 1}, headers={"origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["set-cookie"] == "seen=yes; Path=/"
    assert json.loads(answer.json()["event"]["body"]) == {"a": 1}


def test_socket_carries_the_ticket_and_hears_what_is_posted(
    cloud: Cloud, outputs: dict[str, str]
) -> None:
    with connect(f"{outputs['SocketUrl']}?ticket=good-1") as socket:
        socket.send(json.dumps({"action": "send"}))
        heard = json.loads(socket.recv(timeout=10))
        assert heard["viewer"]["viewerId"] == "good-1"
    events = eventually(
        lambda: [
            event["requestContext"]
            for event in journal(cloud, outputs, "Socket")
            if event["requestContext"]["eventType"] == "DISCONNECT"
        ]
    )
    assert events[0]["authorizer"]["viewerId"] == "good-1"


@pytest.mark.parametrize(("query", "status"), [("?ticket=bad", 403), ("", 401)])
def test_socket_without_a_good_ticket_is_refused(
    outputs: dict[str, str], query: str, status: int
) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(outputs["SocketUrl"] + query):
        pass
    assert refused.value.response.status_code == status


def test_stream_reaches_its_worker_filtered(cloud: Cloud, outputs: dict[str, str]) -> None:
    cloud.put(outputs["ItemsTableName"], "a")
    cloud.put(outputs["ItemsTableName"], "a", changed={"S": "yes"})
    cloud.client("dynamodb").delete_item(
        TableName=outputs["ItemsTableName"], Key={"id": {"S": "a"}}
    )
    eventually(lambda: len(journal(cloud, outputs, "StreamWorker")) >= 2)
    names = [record["eventName"] for record in journal(cloud, outputs, "StreamWorker")]
    assert names == ["INSERT", "REMOVE"]


def test_fifo_queue_reaches_its_worker_in_order(cloud: Cloud, outputs: dict[str, str]) -> None:
    for body in "abc":
        cloud.client("sqs").send_message(
            QueueUrl=outputs["QueueUrl"],
            MessageBody=body,
            MessageGroupId="one",
            MessageDeduplicationId=body,
        )
    eventually(lambda: len(journal(cloud, outputs, "QueueWorker")) >= 3)
    assert [record["body"] for record in journal(cloud, outputs, "QueueWorker")] == list("abc")


def test_video_event_reaches_its_listener(cloud: Cloud, outputs: dict[str, str]) -> None:
    event = {
        "source": "aws.ivs",
        "detail-type": "IVS Stream State Change",
        "resources": ["arn:aws:ivs:us-east-1:000000000000:channel/abcd"],
        "detail": {"event_name": "Stream Start"},
    }
    httpx.post(f"{cloud.url}/_ayinel/events", json={"events": [event]})
    (seen,) = eventually(lambda: journal(cloud, outputs, "VideoListener"))
    assert seen["detail"] == event["detail"]


def test_failed_deployment_is_told_in_one_line(cloud: Cloud, outputs: dict[str, str]) -> None:
    with pytest.raises(DeploymentError) as failed:
        Cdk(cloud.emulator, app_dir=APP).deploy(context={"video": "yes"})
    message = str(failed.value)
    assert "AWS::IVS" in message
    assert str(cloud.emulator.local_dir / "logs" / "deploy.log") in message
    assert "\n" not in message


def test_app_that_cannot_be_synthesized_is_quoted(cloud: Cloud, tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text(json.dumps({"app": "python app.py"}))
    (tmp_path / "app.py").write_text("raise ValueError('the stage is unknown')\n")
    with pytest.raises(DeploymentError, match="ValueError: the stage is unknown"):
        Cdk(cloud.emulator, app_dir=tmp_path).deploy()


def test_missing_and_old_node_are_named(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cdk = Cdk(cloud.emulator, app_dir=tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeploymentError, match=r"Node is missing: install Node\.js 20 or newer"):
        cdk.deploy()
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v18.1.0\n")
    old.chmod(0o755)
    with pytest.raises(DeploymentError, match=r"Node v18\.1\.0 is too old"):
        cdk.deploy()


def test_missing_cli_is_named(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cdk_module, "_REPOSITORY", tmp_path)
    with pytest.raises(DeploymentError, match="run `npm ci`"):
        Cdk(cloud.emulator, app_dir=tmp_path).deploy()
