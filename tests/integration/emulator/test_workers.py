"""How functions run."""

import io
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration.emulator.conftest import Without
from tests.integration.emulator.running import Cloud, Function, eventually, running

DRAIN_SECONDS = 0.05
KEPT_STREAMS = 200
WORKERS_FOR_EACH_FUNCTION = 4


def fastest_seconds(function: Function) -> float:
    function.invoke()
    taken = []
    for _ in range(10):
        began = time.monotonic()
        function.invoke()
        taken.append(time.monotonic() - began)
    return min(taken)


def log_lines(cloud: Cloud, function: Function) -> list[str]:
    logs = cloud.client("logs")
    found = logs.filter_log_events(logGroupName=f"/aws/lambda/{function.name}")["events"]
    return [event["message"] for event in found]


def test_handler_that_prints_nothing_answers_at_once(mended: Cloud) -> None:
    assert fastest_seconds(mended.function("quiet")) < DRAIN_SECONDS


def test_handler_that_raises_keeps_its_process(mended: Cloud) -> None:
    function = mended.function("fragile")
    process = function.invoke()
    failure = function.invoke("fail")
    assert failure["errorType"] == "LookupError"
    assert failure["errorMessage"] == "no such thing"
    assert function.invoke() == process


def test_handler_sees_nothing_of_the_emulator(mended: Cloud) -> None:
    seen = mended.function("curious").invoke(["boto3", "uvicorn", "ministack", "local"])
    assert seen["packages"] == ["boto3"]
    assert seen["environment"]["AWS_ENDPOINT_URL"] == mended.url
    assert seen["environment"]["AWS_REGION"] == "us-east-1"
    assert not {"STATE_DIR", "GATEWAY_PORT", "PERSIST_STATE", "HOME"} & seen["environment"].keys()
    assert 19_000 < seen["left"] <= 20_000


def test_upstream_waits_restarts_and_leaks(without: Without) -> None:
    with without("python_workers", "websocket_execution") as cloud:
        assert fastest_seconds(cloud.function("quiet")) >= DRAIN_SECONDS
        function = cloud.function("fragile")
        process = function.invoke()
        assert function.invoke("fail")["errorType"] == "Runtime.HandlerError"
        assert function.invoke() != process
        seen = cloud.function("curious").invoke(["boto3", "uvicorn"])
        assert seen["packages"] == ["boto3", "uvicorn"]
        assert "STATE_DIR" in seen["environment"]


def test_what_a_handler_prints_is_logged(mended: Cloud) -> None:
    function = mended.function("talkative")
    function.invoke("hello")
    assert {"said hello", "and from below"} <= set(log_lines(mended, function))


def test_invocations_of_one_function_run_at_the_same_time(mended: Cloud) -> None:
    function = mended.function("slow", environment={"SECONDS": "0.5"})
    with ThreadPoolExecutor(3) as pool:
        processes = set(pool.map(function.invoke, range(3)))
    assert len(processes) == 3
    began = [note["began"] for note in function.notes() if "began" in note]
    ended = [note["ended"] for note in function.notes() if "ended" in note]
    assert max(began) < min(ended)


def processes_of_a_burst(function: Function, callers: int) -> int:
    with ThreadPoolExecutor(callers) as pool:
        return len(set(pool.map(function.invoke, range(10 * callers))))


def test_burst_is_carried_by_few_processes(mended: Cloud) -> None:
    assert processes_of_a_burst(mended.function("fragile"), 24) <= WORKERS_FOR_EACH_FUNCTION


def test_upstream_starts_a_process_for_every_call_at_once(without: Without) -> None:
    with without("python_workers") as cloud:
        assert processes_of_a_burst(cloud.function("fragile"), 6) > WORKERS_FOR_EACH_FUNCTION


def test_function_that_calls_itself_gets_through_the_limit(mended: Cloud) -> None:
    depth = WORKERS_FOR_EACH_FUNCTION
    assert mended.function("nested").invoke(depth) == depth


def test_handler_that_takes_too_long_is_ended(mended: Cloud) -> None:
    function = mended.function("slow", Timeout=1, environment={"SECONDS": "5"})
    failure = function.invoke()
    assert failure["errorType"] == "Sandbox.Timedout"
    assert "timed out after 1.00 seconds" in failure["errorMessage"]


def test_function_recovers_from_a_crash(mended: Cloud) -> None:
    function = mended.function("fragile")
    assert function.invoke("exit")["errorType"] == "Runtime.ExitError"
    assert isinstance(function.invoke(), int)


@pytest.mark.parametrize("handler", ["handlers.missing", "missing.handler"])
def test_handler_that_cannot_be_loaded_says_so(mended: Cloud, handler: str) -> None:
    function = mended.function("quiet")
    mended.client("lambda").update_function_configuration(
        FunctionName=function.name, Handler=handler
    )
    failure = eventually(function.invoke)
    assert failure["errorType"] == "Runtime.ImportModuleError"


def test_new_code_replaces_warm_workers(mended: Cloud) -> None:
    function = mended.function("quiet")
    assert function.invoke("same") == "same"
    mended.client("lambda").update_function_configuration(
        FunctionName=function.name, Handler="handlers.fragile"
    )
    assert isinstance(function.invoke(), int)


def loads_of_a_layer(cloud: Cloud, functions: int) -> int:
    """Run some functions of one layer; return how often its module was loaded."""
    loads = cloud.emulator.local_dir / f"{time.time_ns()}.loads"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        source = f"VALUE = 7\nwith open({str(loads)!r}, 'a') as loads:\n    loads.write('x')\n"
        opened.writestr("python/heavy.py", source)
        opened.writestr("python/entry.py", "import heavy\nfrom handlers import layered\n")
    layer = cloud.client("lambda").publish_layer_version(
        LayerName="base", Content={"ZipFile": archive.getvalue()}
    )["LayerVersionArn"]
    for number in range(functions):
        function = cloud.function("layered", Layers=[layer], environment={"SUBJECT": str(number)})
        cloud.client("lambda").update_function_configuration(
            FunctionName=function.name, Handler="entry.layered"
        )
        answer = function.invoke()
        assert (answer["subject"], answer["value"]) == (str(number), 7)
    return len(loads.read_text())


def test_workers_share_what_their_base_layer_holds(mended: Cloud) -> None:
    # Once in the worker that it was learned from, once in the template.
    assert loads_of_a_layer(mended, functions=5) == 2


def test_upstream_loads_the_layer_for_each_worker(without: Without) -> None:
    with without("worker_templates") as cloud:
        assert loads_of_a_layer(cloud, functions=5) == 5


def test_warming_loads_every_function_that_can_be_loaded(tmp_path: Path) -> None:
    with running(tmp_path) as cloud:
        function, broken = cloud.function("fragile"), cloud.function("quiet")
        cloud.client("lambda").update_function_configuration(
            FunctionName=broken.name, Handler="handlers.missing"
        )
        assert cloud.emulator.warm() == 1
        assert cloud.emulator.warm() == 1
        assert isinstance(function.invoke(), int)


def log_streams_of_many_invocations(cloud: Cloud) -> int:
    function = cloud.function("quiet")
    for _ in range(KEPT_STREAMS + 10):
        function.invoke()
    pages = cloud.client("logs").get_paginator("describe_log_streams")
    group = f"/aws/lambda/{function.name}"
    return sum(len(page["logStreams"]) for page in pages.paginate(logGroupName=group))


def test_logs_of_a_function_stop_growing(mended: Cloud) -> None:
    assert log_streams_of_many_invocations(mended) == KEPT_STREAMS


def test_upstream_keeps_a_log_stream_for_each_invocation(without: Without) -> None:
    with without("lambda_logs") as cloud:
        assert log_streams_of_many_invocations(cloud) == KEPT_STREAMS + 10
