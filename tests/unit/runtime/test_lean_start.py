"""A function's process imports no more than it needs, and what was put off works when it comes."""

from __future__ import annotations

import os
import subprocess
import sys

VARIABLES = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_EC2_METADATA_DISABLED": "true",
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
}
ITEMS = """
import sys
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.streams.items import StreamItem
from ayinel_live.runtime.tables import bind_table
bind_table(IdempotencyItem, "a")
bind_table(StreamItem, "b")
"""


def run(program: str) -> None:
    """Run a program in an interpreter that has imported nothing yet."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={"PATH": os.environ["PATH"], **VARIABLES},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_items_are_defined_without_botocores_clients() -> None:
    run(ITEMS + "assert not {'botocore.session', 'botocore.client'} & sys.modules.keys()")


def test_botocore_is_itself_for_whoever_imports_it_after_the_items() -> None:
    run(
        ITEMS
        + """
import botocore.client, botocore.config, botocore.session
assert botocore.client.Config is botocore.config.Config
assert botocore.session.Session.create_client
from pynamodb.connection import Connection
assert Connection(region="us-east-1").client.meta.service_model.service_name == "dynamodb"
"""
    )


def test_all_tables_share_one_client() -> None:
    run(
        ITEMS
        + """
from ayinel_live.runtime.transactions import _connection
one, other = (item._get_connection().connection.client for item in (IdempotencyItem, StreamItem))
assert one is other is _connection().client
assert one.meta.config.read_timeout == 2.5
"""
    )


def test_a_function_starts_without_package_metadata_and_jmespath() -> None:
    run(
        """
import sys
import functions
from aws_lambda_powertools import Logger
from ayinel_live.runtime.settings import FunctionSettings
class Settings(FunctionSettings): pass
Settings.from_environment({"STAGE": "dev"})
assert not {"importlib.metadata", "jmespath"} & sys.modules.keys()
"""
    )


def test_a_correlation_path_still_works_where_somebody_gives_one() -> None:
    run(
        """
import functions
from aws_lambda_powertools import Logger
logger = Logger(service="test")
@logger.inject_lambda_context(correlation_id_path="a.b")
def handler(event, context):
    return logger.get_correlation_id()
from types import SimpleNamespace
context = SimpleNamespace(function_name="f", memory_limit_in_mb=1, invoked_function_arn="a",
    aws_request_id="r")
assert handler({"a": {"b": "found"}}, context) == "found"
"""
    )


def test_models_are_checked_and_described_with_the_plain_dictionaries() -> None:
    run(
        """
import functions
from typing_extensions import TypedDict
from pydantic import TypeAdapter, ValidationError
from ayinel_live.streams.model import LiveStream
from pydantic_core import core_schema
assert core_schema.str_schema(min_length=1) == {"type": "str", "min_length": 1}
assert "title" in LiveStream.model_json_schema()["properties"]
class Point(TypedDict):
    x: int
assert Point.__annotations__
assert TypeAdapter(Point).validate_python({"x": "1"}) == {"x": 1}
try:
    TypeAdapter(Point).validate_python({"x": "a"})
except ValidationError as error:
    assert error.errors()[0]["loc"] == ("x",)
else:
    raise AssertionError
"""
    )
