"""What `make deploy` does beside calling the CDK."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from moto import mock_aws

from ayinel_live.runtime.names import Output
from infra import deploy as deploying
from infra.deploy import DeployError, account_of, deploy, is_bootstrapped, merged, smoke_test
from infra.page_headers import content_security_policy
from infra.pages import PageSite, page_config, publish_pages

CONFIG = {"apiUrl": "https://live.example.com/api/v1/live", "region": "us-east-1"}
SITE = PageSite("pages", "E1")
DISTRIBUTION: Any = {
    "CallerReference": "one",
    "Comment": "",
    "Enabled": True,
    "Origins": {
        "Quantity": 1,
        "Items": [
            {
                "Id": "pages",
                "DomainName": "pages.s3.amazonaws.com",
                "S3OriginConfig": {"OriginAccessIdentity": ""},
            }
        ],
    },
    "DefaultCacheBehavior": {"TargetOriginId": "pages", "ViewerProtocolPolicy": "https-only"},
}


class Recorder:
    """Stands in for a boto3 client: notes what it is asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, object]]] = []

    def put_object(self, **arguments: object) -> None:
        self.calls.append(("put_object", arguments))

    def create_invalidation(self, **arguments: object) -> None:
        self.calls.append(("create_invalidation", arguments))


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>Live</title>")
    (tmp_path / "assets" / "main-a1B2c3D4.js").write_text("start()")
    return tmp_path


@pytest.fixture
def api() -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if "missing" not in self.path else 500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_assets_go_up_before_the_pages_that_name_them(pages: Path) -> None:
    s3 = Recorder()
    assert publish_pages(pages, CONFIG, SITE, s3, Recorder()) == 3
    assert [call["Key"] for _, call in s3.calls] == [
        "assets/main-a1B2c3D4.js",
        "index.html",
        "config.json",
    ]


def test_only_names_with_a_hash_are_cached_for_good(pages: Path) -> None:
    s3 = Recorder()
    publish_pages(pages, CONFIG, SITE, s3, Recorder())
    cached = {call["Key"]: call["CacheControl"] for _, call in s3.calls}
    assert "immutable" in str(cached["assets/main-a1B2c3D4.js"])
    assert cached["index.html"] == cached["config.json"] == "no-cache"


def test_cloudfront_forgets_the_old_pages_once_for_each_build(pages: Path) -> None:
    cloudfront = Recorder()
    for _ in range(2):
        publish_pages(pages, CONFIG, SITE, Recorder(), cloudfront)
    (pages / "index.html").write_text("<title>Changed</title>")
    publish_pages(pages, CONFIG, SITE, Recorder(), cloudfront)
    batches = [call["InvalidationBatch"] for _, call in cloudfront.calls]
    references = [batch["CallerReference"] for batch in batches if isinstance(batch, dict)]
    assert references[0] == references[1] != references[2]


def test_pages_are_told_of_the_pool_or_of_the_issuer_in_its_place() -> None:
    outputs: dict[str, str] = {
        Output.API_URL: "https://a",
        Output.TOKEN_ISSUER: "https://id",
        Output.TOKEN_AUDIENCES: "live,studio",
    }
    with_issuer = page_config(outputs, "eu-west-1")
    assert (with_issuer["oidcIssuer"], with_issuer["oidcClientId"]) == ("https://id", "live")
    pool: dict[str, str] = {Output.USER_POOL_ID: "pool", Output.USER_POOL_CLIENT_ID: "client"}
    assert page_config({**outputs, **pool}, "eu-west-1")["userPoolId"] == "pool"


def test_pages_load_the_video_services_player_only_where_it_is_given() -> None:
    outputs: dict[str, str] = {Output.API_URL: "https://a", Output.USER_POOL_ID: "pool"}
    outputs[Output.USER_POOL_CLIENT_ID] = "client"
    assert "ivsPlayerUrl" not in page_config(outputs, "eu-west-1")
    assert "wasm-unsafe-eval" not in content_security_policy([], [])
    url = "https://player.example/1.2.3/player.js"
    assert page_config(outputs, "eu-west-1", ivs_player_url=url)["ivsPlayerUrl"] == url
    policy = content_security_policy([], [], player_url=url)
    assert "script-src 'self' https://player.example 'wasm-unsafe-eval'" in policy


def test_exports_between_stacks_are_no_outputs() -> None:
    stacks = {"Data": {"ApiUrl": "a", "ExportsOutputRefX": "x"}, "Web": {"WebUrl": "w"}}
    assert merged(stacks) == {"ApiUrl": "a", "WebUrl": "w"}


def test_smoke_test_passes_when_both_doors_answer(api: str) -> None:
    smoke_test({Output.API_URL: api, Output.WEB_URL: api}, seconds=5)


def test_smoke_test_names_the_door_that_does_not_answer(api: str) -> None:
    outputs: dict[str, str] = {Output.API_URL: f"{api}/missing", Output.WEB_URL: api}
    with pytest.raises(DeployError, match="missing/capabilities does not answer: 500"):
        smoke_test(outputs, seconds=0)


def test_missing_credentials_are_a_clear_fault() -> None:
    class Session:
        def client(self, _: str) -> Session:
            return self

        def get_caller_identity(self) -> dict[str, str]:
            raise NoCredentialsError

    with pytest.raises(DeployError, match="sign in first"):
        account_of(Session())


def test_an_account_without_the_cdks_stack_is_not_bootstrapped() -> None:
    with mock_aws():
        session = boto3.Session("a", "b", region_name="us-east-1")
        assert not is_bootstrapped(session)
        session.client("cloudformation").create_stack(
            StackName="CDKToolkit",
            TemplateBody='{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}',
        )
        assert is_bootstrapped(session)


def test_whoever_may_not_look_for_the_cdks_stack_is_told_so() -> None:
    class Session:
        def client(self, _: str) -> Session:
            return self

        def describe_stacks(self, **_: str) -> None:
            refusal = {"Error": {"Code": "AccessDenied", "Message": "not yours to see"}}
            raise ClientError(refusal, "DescribeStacks")

    with pytest.raises(DeployError, match="not yours to see"):
        is_bootstrapped(Session())


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, api: str) -> Iterator[Path]:
    """A CDK CLI and an npm that note what they are asked; returns the notes."""
    notes = tmp_path / "notes"
    outputs = {
        "Data": {"EventBusName": "bus", "UserPoolId": "pool", "UserPoolClientId": "client"},
        "Web": {"ApiUrl": api, "WebUrl": api, "ChatUrl": "wss://chat", "WebBucket": "pages"},
    }
    script = f"""#!{sys.executable}
import json, os, pathlib, sys
notes = pathlib.Path({str(notes)!r})
with notes.open("a") as file:
    print(pathlib.Path(sys.argv[0]).name, *sys.argv[1:], file=file)
if "--outputs-file" in sys.argv:
    outputs = json.loads(os.environ["OUTPUTS"])
    pathlib.Path(sys.argv[sys.argv.index("--outputs-file") + 1]).write_text(json.dumps(outputs))
sys.exit(1 if os.environ.get("FAILS") == sys.argv[1] else 0)
"""
    for name in ("cdk", "npm"):
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    with mock_aws():
        session = boto3.Session("a", "b", region_name="us-east-1")
        session.client("s3").create_bucket(Bucket="pages")
        made = session.client("cloudfront").create_distribution(DistributionConfig=DISTRIBUTION)
        outputs["Web"]["DistributionId"] = made["Distribution"]["Id"]
        monkeypatch.setenv("OUTPUTS", json.dumps(outputs))
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setattr(deploying, "_CDK", tmp_path / "cdk")
        monkeypatch.setattr(deploying, "_WEB", tmp_path)
        monkeypatch.setattr(deploying, "_BUILD", tmp_path)
        (tmp_path / "dist").mkdir()
        (tmp_path / "dist" / "index.html").write_text("<title>Live</title>")
        yield notes


def bootstrap() -> None:
    boto3.client("cloudformation", region_name="us-east-1").create_stack(
        StackName="CDKToolkit", TemplateBody='{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}'
    )


def test_deployment_shows_deploys_builds_publishes_and_asks(tools: Path) -> None:
    bootstrap()
    outputs = deploy("dev", ["region=us-east-1", "environment=ana"], is_asked=True)
    steps = [line.split()[:2] for line in tools.read_text().splitlines()]
    assert steps == [["cdk", "diff"], ["cdk", "deploy"], ["npm", "ci"], ["npm", "run"]]
    for line in tools.read_text().splitlines()[:2]:
        assert "-c stage=dev -c region=us-east-1 -c environment=ana" in line
    assert "--require-approval broadening" in tools.read_text()
    published = boto3.client("s3").list_objects_v2(Bucket="pages")["Contents"]
    assert {found["Key"] for found in published} == {"index.html", "config.json"}
    assert outputs[Output.CHAT_URL] == "wss://chat"


def test_region_of_the_session_is_named_so_that_what_it_lacks_is_told_at_synthesis(
    tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap()
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    deploy("dev", ["environment=ana"], is_asked=True)
    shown = tools.read_text().splitlines()[0]
    assert shown.endswith("-c stage=dev -c environment=ana -c region=us-east-1")


def test_nothing_is_deployed_into_an_account_that_is_not_bootstrapped(tools: Path) -> None:
    with pytest.raises(DeployError, match="cdk bootstrap aws://123456789012/us-east-1` once"):
        deploy("dev", ["region=us-east-1"], is_asked=True)
    assert not tools.exists()


def test_a_deployment_that_fails_publishes_no_pages(
    tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap()
    monkeypatch.setenv("FAILS", "deploy")
    with pytest.raises(DeployError, match="cdk deploy failed"):
        deploy("prod", [], is_asked=False)
    assert "npm" not in tools.read_text()
    assert "Contents" not in boto3.client("s3").list_objects_v2(Bucket="pages")
