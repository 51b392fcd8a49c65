"""What keeps the emulator from starting."""

import socket
import subprocess
from pathlib import Path

import pytest

from local.aws import environment
from local.aws.emulator import Emulator
from local.aws.endpoints import on_this_machine
from local.aws.errors import EmulatorError, EnvironmentBuildError
from local.aws.launcher.patches import PATCHES
from tests.integration.emulator.running import REPOSITORY, Cloud, make_emulator


def test_taken_port_is_named(tmp_path: Path) -> None:
    emulator = make_emulator(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", emulator.port))
        other.listen()
        with pytest.raises(EmulatorError, match=f"Port {emulator.port} is taken"):
            emulator.start()
    assert emulator.running_pid() is None


def test_dead_emulator_is_quoted_and_leaves_nothing_behind(tmp_path: Path) -> None:
    emulator = make_emulator(tmp_path, without=("no_such_patch",))
    with pytest.raises(EmulatorError) as died:
        emulator.start()
    assert str(died.value).startswith("The AWS emulator died: No such patch: no_such_patch (")
    assert "\n" not in str(died.value)
    assert not emulator.pid_path.exists()


@pytest.mark.parametrize(
    ("spare_bytes", "reason"), [(0, "ERROR: Invalid requirement"), (1 << 60, "no space is left in")]
)
def test_environment_that_cannot_be_built_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spare_bytes: int, reason: str
) -> None:
    (tmp_path / "lock.txt").write_text("no such requirement\n")
    monkeypatch.setattr(environment, "LOCK", tmp_path / "lock.txt")
    monkeypatch.setattr(environment, "SPARE_BYTES", spare_bytes)
    with pytest.raises(EnvironmentBuildError, match=f"cannot be built: {reason}"):
        environment.ensure_environment(tmp_path / "local")


def test_launcher_refuses_another_version(mended: Cloud) -> None:
    code = (
        "import importlib.metadata as metadata, runpy\n"
        "metadata.version = lambda name: '1.6.0'\n"
        "runpy.run_module('local.aws.launcher', run_name='__main__')\n"
    )
    interpreter = mended.emulator.local_dir / "emulator-venv" / "bin" / "python"
    ended = subprocess.run(
        [interpreter, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "mends MiniStack 1.5.33 and none else, but 1.6.0 is installed" in ended.stderr


def test_every_patch_stands_in_the_list() -> None:
    modules = (REPOSITORY / "local" / "aws" / "launcher" / "patches").glob("*.py")
    assert {module.stem for module in modules} - {"__init__"} == set(PATCHES)


def test_clients_are_kept_from_the_real_aws() -> None:
    variables = Emulator(Path("any"), ivs_endpoint_url="http://127.0.0.1:1").client_environment()
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert variables["AWS_ENDPOINT_URL_IVS"] == "http://127.0.0.1:1"
    assert variables["AWS_CONFIG_FILE"] == "/dev/null"


@pytest.mark.parametrize(
    ("output", "local"),
    [
        (
            "https://a1b2.execute-api.us-east-1.amazonaws.com",
            "http://127.0.0.1:1/_aws/execute-api/a1b2",
        ),
        ("http://a1b2.execute-api.localhost:4566/x", "http://127.0.0.1:1/_aws/execute-api/a1b2/x"),
        (
            "wss://a1.execute-api.eu-west-1.amazonaws.com/live",
            "ws://127.0.0.1:1/_aws/execute-api/a1/live",
        ),
        ("https://example.com/execute-api", "https://example.com/execute-api"),
    ],
)
def test_addresses_of_apis_are_turned_to_this_machine(output: str, local: str) -> None:
    assert on_this_machine(output, "http://127.0.0.1:1") == local
