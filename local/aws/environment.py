"""The Python environment that the emulator and its Lambda workers run in.

MiniStack pins botocore, so it cannot share the project's environment. This one is made from
`locks/emulator.txt` and made again only when that lock or the interpreter changes.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from local.aws.errors import EnvironmentBuildError

LOCK = Path(__file__).parents[2] / "locks" / "emulator.txt"
# With less than this something could not be written.
SPARE_BYTES = 8 * 1024 * 1024
_STAMP = "built-from"

Progress = Callable[[str], None]


def ensure_environment(local_dir: Path, progress: Progress = lambda _line: None) -> Path:
    """Build the emulator's environment unless the one at hand fits its lock.

    Safe to call from several processes at once: the second waits for the first.

    Args:
        local_dir: The runtime's folder (`.local`); the environment is `emulator-venv` in it.
        progress: Called with a line of text before each slow step.

    Returns:
        The environment's Python interpreter.

    Raises:
        EnvironmentBuildError: When the environment or its packages cannot be installed.
    """
    local_dir.mkdir(parents=True, exist_ok=True)
    environment = local_dir.absolute() / "emulator-venv"
    interpreter = environment / "bin" / "python"
    wanted = _fingerprint()
    with _exclusive(local_dir / "emulator-venv.lock"):
        stamp = environment / _STAMP
        if not (interpreter.exists() and stamp.exists() and stamp.read_text() == wanted):
            progress("Building the emulator's environment")
            _build(environment, interpreter)
            stamp.write_text(wanted)
    return interpreter


def _fingerprint() -> str:
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    return f"{lock} {sys.base_prefix} {sys.version}"


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _build(environment: Path, interpreter: Path) -> None:
    shutil.rmtree(environment, ignore_errors=True)
    install = [str(interpreter), "-m", "pip", "install", "--quiet", "--no-deps"]
    for command in (
        [sys.executable, "-m", "venv", str(environment)],
        [*install, "--disable-pip-version-check", "--require-hashes", "-r", str(LOCK)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            reason = _reason((done.stderr or done.stdout).strip().splitlines(), environment.parent)
            raise EnvironmentBuildError(f"The emulator's environment cannot be built: {reason}")


def _reason(said: Sequence[str], folder: Path) -> str:
    # `venv` names the command that failed and keeps to itself what that one said.
    if shutil.disk_usage(folder).free < SPARE_BYTES:
        return f"no space is left in {folder}"
    return next((line for line in said if line.startswith("ERROR")), said[-1] if said else "")
