"""Trim, compile and pack a folder, so that the same input gives the same output."""

from __future__ import annotations

import compileall
import fcntl
import hashlib
import json
import shutil
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from py_compile import PycInvalidationMode

from infra.layers.recipes import DISCARDED, KEPT_METADATA, SERVICES

# Zip cannot hold an earlier time.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o644
# What no build has asked for since is deleted: a change of code leaves its old bundle behind.
_KEPT_SECONDS = 3 * 24 * 3600


class BundleError(Exception):
    """Something that functions run on cannot be built; the message says what to do."""


def digest_of(*parts: bytes | str) -> str:
    """Return a short hash over parts, each told apart from the next."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:16]


def digest_of_files(root: Path, files: Iterable[Path]) -> str:
    """Return a short hash over files, by their place below a root and their content."""
    parts: list[bytes | str] = []
    for file in sorted(files):
        parts += [file.relative_to(root).as_posix(), file.read_bytes()]
    return digest_of(*parts)


def built(target: Path, fill: Callable[[Path], None]) -> Path:
    """Return a folder that is built once, together with its zip beside it.

    Safe to call from several processes at once: one builds and the others wait for it.

    Args:
        target: The folder, whose name holds the hash of what it is made from.
        fill: Fills an empty folder.
    """
    if archive_of(target).exists():
        archive_of(target).touch()
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with _exclusive(target.parent / ".lock"):
        if archive_of(target).exists():
            return target
        draft = target.with_name(f".{target.name}.draft")
        for leftover in (draft, target):
            shutil.rmtree(leftover, ignore_errors=True)
        draft.mkdir()
        try:
            fill(draft)
            draft.rename(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        _pack(target, archive_of(target))
        _delete_unused(target)
    return target


def archive_of(target: Path) -> Path:
    """Return the zip of a built folder."""
    return target.with_name(f"{target.name}.zip")


def compile_tree(root: Path, runtime_root: str) -> None:
    """Compile every module below a folder for this interpreter's minor version.

    The bytecode names its source by hash and is never checked against it, so that it holds
    whatever times a zip gives its files (PEP 552).

    Args:
        root: The folder.
        runtime_root: What stands for it in tracebacks.

    Raises:
        BundleError: A module does not compile.
    """
    complete = compileall.compile_dir(
        root,
        maxlevels=20,
        quiet=2,
        force=True,
        workers=0,
        stripdir=str(root),
        prependdir=runtime_root,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    if not complete:
        raise BundleError(f"A module in {root} does not compile; run `make check`")


def trim_packages(root: Path) -> None:
    """Delete what no function reads from a folder of installed packages."""
    for pattern in DISCARDED:
        for found in list(root.glob(pattern)):
            _delete(found)
    for metadata in root.glob("*.dist-info"):
        if metadata.name.split("-")[0] in KEPT_METADATA:
            _shorten_metadata(metadata)
        else:
            _delete(metadata)
    _trim_botocore(root / "botocore" / "data")


def _trim_botocore(data: Path) -> None:
    """Keep the newest model of each service in use and the endpoints of those services."""
    if not data.exists():
        return
    for service in data.iterdir():
        if service.is_dir():
            versions = sorted(service.iterdir())
            for version in versions[: -1 if service.name in SERVICES else None]:
                _delete(version)
            if service.name not in SERVICES:
                service.rmdir()
    endpoints = data / "endpoints.json"
    document = json.loads(endpoints.read_text())
    # IVS, and so the product, exists in the commercial partition only.
    document["partitions"] = [p for p in document["partitions"] if p["partition"] == "aws"]
    for partition in document["partitions"]:
        known = partition["services"]
        partition["services"] = {name: known[name] for name in SERVICES if name in known}
    endpoints.write_text(json.dumps(document, separators=(",", ":")))


def _shorten_metadata(metadata: Path) -> None:
    head = (metadata / "METADATA").read_text().split("\n\n", 1)[0].splitlines()
    kept = [line for line in head if line.startswith(("Metadata-Version", "Name", "Version"))]
    for entry in metadata.iterdir():
        _delete(entry)
    (metadata / "METADATA").write_text("\n".join(kept) + "\n")


def _delete_unused(target: Path) -> None:
    """Delete earlier builds of the same thing that nobody has asked for in days."""
    oldest = time.time() - _KEPT_SECONDS
    name = target.name.rpartition("-")[0]
    for archive in target.parent.glob(f"{name}-*.zip"):
        is_same = archive.stem.rpartition("-")[0] == name
        if is_same and archive.stat().st_mtime < oldest:
            shutil.rmtree(archive.with_suffix(""), ignore_errors=True)
            archive.unlink(missing_ok=True)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _pack(folder: Path, archive: Path) -> None:
    draft = archive.with_name(f".{archive.name}.draft")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), _EPOCH)
            entry.external_attr = _FILE_MODE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, file.read_bytes())
    draft.rename(archive)


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
