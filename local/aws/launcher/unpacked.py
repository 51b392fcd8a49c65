"""Code and layers on disk, unpacked once however many workers run from them."""

import hashlib
import io
import os
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path

_RUNTIME_PACKAGES = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3")
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
    folder = _scratch() / hashlib.sha256(archive).hexdigest()
    with _lock:
        if not folder.exists():
            partial = Path(tempfile.mkdtemp(dir=_scratch()))
            with zipfile.ZipFile(io.BytesIO(archive)) as opened:
                opened.extractall(partial)  # which refuses paths that climb out
            partial.rename(folder)
    return folder


def runtime_packages() -> Path:
    """Give a folder with the packages that AWS's Python runtime carries, and no others."""
    folder = _scratch() / "runtime"
    with _lock:
        if not folder.exists():
            partial = Path(tempfile.mkdtemp(dir=_scratch()))
            import boto3

            site_packages = Path(boto3.__file__).parents[1]
            for name in _RUNTIME_PACKAGES:
                (partial / name).symlink_to(site_packages / name)
            partial.rename(folder)
    return folder


def forget_all() -> None:
    """Remove every folder, for the end of the emulator."""
    shutil.rmtree(_scratch(), ignore_errors=True)


def _scratch() -> Path:
    folder = Path(tempfile.gettempdir()) / f"lambda-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    return folder
