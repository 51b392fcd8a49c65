"""Code and layers on disk, unpacked once however many workers run from them, and kept.

Unpacking the layers of the product takes a core two seconds, so a restart finds them done.
"""

import contextlib
import hashlib
import io
import os
import shutil
import tempfile
import threading
import time
import zipfile
from functools import lru_cache
from pathlib import Path

_RUNTIME_PACKAGES = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3")
KEPT_SECONDS = 7 * 24 * 3600
_lock = threading.Lock()


def unpack(archive: bytes) -> Path:
    """Unpack an archive into a folder that is named after what it holds.

    Args:
        archive: A zip file, as CreateFunction or PublishLayerVersion took it.

    Returns:
        The folder, shared by everyone who unpacks the same archive.

    Raises:
        zipfile.BadZipFile: When the archive is none.
    """
    folder = _cache() / _digest(archive)
    with _lock:
        if folder.exists():
            os.utime(folder)
        else:
            partial = Path(tempfile.mkdtemp(dir=_cache()))
            with zipfile.ZipFile(io.BytesIO(archive)) as opened:
                opened.extractall(partial)  # which refuses paths that climb out
            partial.rename(folder)
    return folder


@lru_cache(maxsize=128)
def _digest(archive: bytes) -> str:
    """Name an archive; the same object is read once only, and layers are large."""
    return hashlib.sha256(archive).hexdigest()


def runtime_packages() -> Path:
    """Give a folder with the packages that AWS's Python runtime carries, and no others."""
    import boto3

    site_packages = Path(boto3.__file__).parents[1]
    folder = Path(tempfile.gettempdir()) / "runtime"
    with _lock:
        folder.mkdir(exist_ok=True)
        for name in _RUNTIME_PACKAGES:
            with contextlib.suppress(FileExistsError):
                (folder / name).symlink_to(site_packages / name)
    return folder


def prune() -> None:
    """Remove what no emulator has used for a while; each deployment leaves a new folder."""
    oldest = time.time() - KEPT_SECONDS
    for folder in _cache().iterdir():
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def _cache() -> Path:
    folder = Path(os.environ["AYINEL_EMULATOR_CACHE"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder
