"""Build the pages with npm, only when their sources changed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from local.errors import LocalError
from local.layout import REPOSITORY

WEB = REPOSITORY / "web"
# One for all runtimes of this working tree: they share the built pages.
_STAMP = REPOSITORY / "build" / "pages-built-from"
_IGNORED = frozenset({"node_modules", "dist", "test-results"})


def build_pages(local_dir: Path, progress: Callable[[str], None]) -> Path:
    """Build the pages unless the last build was of the same sources.

    Args:
        local_dir: The runtime's folder, for the log.
        progress: Called with a line of text before each slow step.

    Returns:
        The folder with the built pages.

    Raises:
        LocalError: npm is missing, or the build fails.
    """
    with _alone():
        target = WEB / "dist"
        wanted = _fingerprint()
        if target.exists() and _STAMP.exists() and _STAMP.read_text() == wanted:
            return target
        log = local_dir / "logs" / "pages.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        if not (WEB / "node_modules").exists():
            progress("Installing the pages' packages")
            _npm(["ci"], log)
        progress("Building the pages")
        _npm(["run", "build"], log)
        _STAMP.write_text(wanted)
    return target


@contextmanager
def _alone() -> Iterator[None]:
    """Keep two runtimes from building into one folder at once."""
    _STAMP.parent.mkdir(parents=True, exist_ok=True)
    with _STAMP.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _npm(arguments: list[str], log: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise LocalError("npm is missing: install Node.js 20 or newer")
    with log.open("ab") as output:
        done = subprocess.run(
            [npm, *arguments],
            cwd=WEB,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        )
    if done.returncode:
        raise LocalError(f"npm {' '.join(arguments)} failed in web/; see {log}")


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(WEB):
        folders[:] = sorted(name for name in folders if name not in _IGNORED)
        for name in sorted(files):
            path = Path(folder) / name
            digest.update(str(path.relative_to(WEB)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
