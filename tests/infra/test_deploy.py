"""What `make deploy` does beside calling the CDK."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import NoCredentialsError
from moto import mock_aws

from ayinel_live.runtime.names import Output
from infra.deploy import DeployError, account_of, is_bootstrapped, merged, smoke_test
from infra.page_headers import content_security_policy
from infra.pages import PageSite, page_config, publish_pages

CONFIG = {"apiUrl": "https://live.example.com/api/v1/live", "region": "us-east-1"}
SITE = PageSite("pages", "E1")


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
