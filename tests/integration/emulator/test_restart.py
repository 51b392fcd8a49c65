"""What outlives a stop and a start."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from local.aws.errors import EmulatorError
from local.aws.process import is_alive, wait_for_end
from tests.integration.emulator.running import REPOSITORY, Cloud, eventually, make_emulator

# Less than the function sleeps that a stop must not wait for.
UNHURRIED_SECONDS = 25.0


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(make_emulator(tmp_path))


def restarted(cloud: Cloud, *, without: tuple[str, ...] = ()) -> Cloud:
    assert cloud.emulator.stop()
    again = make_emulator(cloud.emulator.local_dir, port=cloud.emulator.port, without=without)
    again.start()
    return Cloud(again)


def test_everything_that_was_deployed_works_after_a_restart(cloud: Cloud) -> None:
    cloud.emulator.start()
    try:
        socket, function, table = (
            cloud.function("socket"),
            cloud.function("take_records"),
            cloud.table(),
        )
        api = cloud.socket_api(socket)
        cloud.map_stream(table, function)
        cloud.put(table, "before")
        function.notes_once(1)
        cloud.client("s3").create_bucket(Bucket="kept")
        cloud.client("s3").put_object(Bucket="kept", Key="object", Body=b"content")
        pool = cloud.client("cognito-idp").create_user_pool(PoolName="users")["UserPool"]["Id"]
        keys = httpx.get(f"{cloud.url}/{pool}/.well-known/jwks.json").json()

        cloud = restarted(cloud)
        with connect(cloud.socket_url(api)) as opened:
            opened.send("hello")
            assert eventually(lambda: len(socket.notes()) >= 2)
        cloud.put(table, "after")
        assert function.notes_once(2) == [["before"], ["after"]]
        body = cloud.client("s3").get_object(Bucket="kept", Key="object")["Body"].read()
        assert body == b"content"
        assert httpx.get(f"{cloud.url}/{pool}/.well-known/jwks.json").json() == keys
    finally:
        cloud.emulator.stop()


def records_after_restart(cloud: Cloud, *, without: tuple[str, ...]) -> list[list[str]]:
    """Let a function read five records, restart, and write one more."""
    function, table = cloud.function("take_records"), cloud.table()
    cloud.map_stream(table, function, BatchSize=1)
    cloud.put(table, *"abcde")
    assert len(function.notes_once(5)) == 5
    cloud = restarted(cloud, without=without)
    cloud.put(table, "f")
    notes = function.notes_once(6, within_seconds=2.0)[5:]
    cloud.emulator.stop()
    return notes


def test_stream_is_read_on_after_a_restart(cloud: Cloud) -> None:
    cloud.emulator.start()
    assert records_after_restart(cloud, without=()) == [["f"]]


def test_upstream_does_not_read_a_stream_on_after_a_restart(tmp_path: Path) -> None:
    without = ("stream_persistence",)

    def shows_the_fault(attempt: int) -> bool:
        cloud = Cloud(make_emulator(tmp_path / str(attempt), without=without))
        cloud.emulator.start()
        return records_after_restart(cloud, without=without) == []

    # A stop in the midst of a busy machine may save an earlier position, which hides the fault.
    assert any(shows_the_fault(attempt) for attempt in range(3))


def test_records_that_nobody_read_yet_come_after_the_restart(cloud: Cloud) -> None:
    cloud.emulator.start()
    function, table = (
        cloud.function("take_records", environment={"BAD": "a", "RAISES": "1"}),
        cloud.table(),
    )
    cloud.map_stream(table, function)
    cloud.put(table, "a")
    count = len(function.notes_once(1))
    cloud = restarted(cloud)
    assert len(function.notes_once(count + 1)) > count
    cloud.emulator.stop()


def message_comes_again_at_once(cloud: Cloud, *, without: tuple[str, ...]) -> bool:
    url, _arn = cloud.queue(VisibilityTimeout="60")
    cloud.client("sqs").send_message(QueueUrl=url, MessageBody="body")
    assert cloud.client("sqs").receive_message(QueueUrl=url)["Messages"]
    cloud = restarted(cloud, without=without)
    answer = cloud.client("sqs").receive_message(QueueUrl=url)
    cloud.emulator.stop()
    return bool(answer.get("Messages"))


@pytest.mark.parametrize(
    ("without", "expected"),
    [((), True), (("queue_persistence",), False)],
    ids=["mended", "upstream"],
)
def test_message_in_hand_at_the_stop_comes_again_at_once(
    cloud: Cloud, without: tuple[str, ...], expected: bool
) -> None:
    cloud.emulator.without = without
    cloud.emulator.start()
    assert message_comes_again_at_once(cloud, without=without) == expected


def test_stop_under_load_is_clean_and_loses_no_record(cloud: Cloud) -> None:
    cloud.emulator.start()
    function, table = cloud.function("take_records"), cloud.table()
    slow = cloud.function("slow", environment={"SECONDS": "30"}, Timeout=60)
    cloud.map_stream(table, function, BatchSize=1, MaximumRetryAttempts=0)
    caller = threading.Thread(target=lambda: _ignore_errors(slow.invoke))
    caller.start()
    slow.notes_once(1)
    ids = [str(number) for number in range(60)]
    cloud.put(table, *ids)
    began = time.monotonic()
    cloud = restarted(cloud)
    assert time.monotonic() - began < UNHURRIED_SECONDS
    eventually(lambda: len(function.notes()) >= len(ids), within_seconds=60.0)
    seen = [id_ for batch in function.notes() for id_ in batch]
    cloud.emulator.stop()
    caller.join()
    assert list(dict.fromkeys(seen)) == ids


def _ignore_errors(call: object) -> None:
    try:
        call()  # type: ignore[operator]  # a bound method
    except Exception as error:
        print(f"ended with the emulator: {error}")


def test_stop_kills_what_does_not_end_by_itself(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.aws.emulator.STOP_SECONDS", 0.5)
    cloud.emulator.start()
    pid = cloud.emulator.running_pid()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    assert not cloud.emulator.stop()
    assert not is_alive(pid)


def test_saved_state_outlives_a_kill(cloud: Cloud) -> None:
    cloud.emulator.start()
    table = cloud.table()
    cloud.emulator.save()
    pid = cloud.emulator.running_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert wait_for_end(pid, 5)
    cloud.emulator.start()
    assert table in cloud.client("dynamodb").list_tables()["TableNames"]
    cloud.emulator.stop()


@pytest.mark.parametrize("content", ["1", "999999999", "not a number", ""])
def test_stale_pid_file_is_overlooked(cloud: Cloud, content: str) -> None:
    cloud.emulator.pid_path.parent.mkdir(parents=True)
    cloud.emulator.pid_path.write_text(content)
    assert cloud.emulator.running_pid() is None
    assert cloud.emulator.stop()
    cloud.emulator.start()
    assert cloud.emulator.stop()


def saved_despite_a_change(cloud: Cloud, tmp_path: Path, *patches: str) -> bool:
    """Save the state of a service that changes the first time it is asked for it."""
    code = f"""
from importlib import import_module
for patch in {patches!r}:
    import_module("local.aws.launcher.patches." + patch).apply()
from ministack import app
asked = []
def state():
    asked.append(1)
    if len(asked) == 1:
        raise RuntimeError("dictionary changed size during iteration")
    return {{"kept": True}}
app.save_all({{"sample": state}})
"""
    subprocess.run(
        [cloud.emulator.local_dir / "emulator-venv" / "bin" / "python", "-c", code],
        cwd=REPOSITORY,
        env={"PERSIST_STATE": "1", "STATE_DIR": str(tmp_path), "MINISTACK_HOST": "localhost"},
        check=True,
    )
    return (tmp_path / "sample.json").exists()


def test_state_that_changes_while_it_is_saved_is_saved(cloud: Cloud, tmp_path: Path) -> None:
    assert saved_despite_a_change(cloud, tmp_path, "state_saving")


def test_upstream_drops_state_that_changes_while_it_is_saved(cloud: Cloud, tmp_path: Path) -> None:
    assert not saved_despite_a_change(cloud, tmp_path)


def test_unpacked_code_is_found_again_until_it_is_old(cloud: Cloud) -> None:
    cache = cloud.emulator.local_dir / "cache" / "lambda"
    cloud.emulator.start()
    function = cloud.function("quiet")
    function.invoke()
    (code,) = cache.iterdir()
    made = code.stat().st_ino
    cloud = restarted(cloud)
    assert function.invoke("again") == "again"
    assert code.stat().st_ino == made
    os.utime(code, (0, 0))
    cloud = restarted(cloud)
    assert not code.exists()
    assert function.invoke("anew") == "anew"
    cloud.emulator.stop()


def test_second_start_names_the_first(cloud: Cloud) -> None:
    cloud.emulator.start()
    with pytest.raises(EmulatorError, match=r"runs already \(pid \d+\)"):
        cloud.emulator.start()
    cloud.emulator.stop()
