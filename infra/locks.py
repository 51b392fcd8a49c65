"""Make the lock files from `pyproject.toml`: `python -m infra.locks [--upgrade]`.

`development.txt` is solved over everything; each layer's lock is a part of that one solution, so
that what a test imports is what a function imports, and two layers never hold two versions of one
package. A package of the base layer is in no other layer.

Locks hold names, versions and hashes and no address; npm's are freed of whom to fund. The hashes
are those of every file of a release, so that one lock serves every platform. They are made on the
oldest Python that the project supports; a requirement meant for newer ones alone is solved apart
and keeps its marker.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from packaging.requirements import Requirement

REPOSITORY = Path(__file__).parents[1]
LOCKS = REPOSITORY / "locks"
NODE_LOCKS = (REPOSITORY / "package-lock.json", REPOSITORY / "web" / "package-lock.json")
BASE = "base"
DEVELOPMENT = "development"
EMULATOR = "emulator"
OLDEST_PYTHON = (3, 11)
_ENTRY = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==", re.MULTILINE)
_ENTRY_LINE = re.compile(r"^[A-Za-z0-9._-]+==[^ ;]+", re.MULTILINE)
_ENTRY_TEXT = re.compile(r"^\S+==.*\n(?:[ \t].*\n?)*", re.MULTILINE)
_OPTIONS = (
    "--generate-hashes",
    "--allow-unsafe",
    "--strip-extras",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
    "--no-emit-options",
    "--no-header",
    "--no-annotate",
    "--quiet",
)


def layer_requirements() -> dict[str, list[str]]:
    """Return what each layer is asked to hold, the base first, as `pyproject.toml` says."""
    project = _pyproject()["project"]
    return {BASE: project["dependencies"], **project["optional-dependencies"]}


def development_requirements() -> list[str]:
    """Return what the development environment is asked to hold: every layer and every group."""
    layers = [line for lines in layer_requirements().values() for line in lines]
    return [*layers, *_group(_pyproject()["dependency-groups"], "dev")]


def locked_names(lock: str) -> frozenset[str]:
    """Return the names of the packages in a lock's text, normalised as PEP 503 says."""
    return frozenset(re.sub(r"[-_.]+", "-", name).lower() for name in _ENTRY.findall(lock))


def without(lock: str, names: frozenset[str]) -> str:
    """Return a lock's text without some packages.

    Args:
        lock: Lines of `name==version` with their hashes indented below.
        names: Normalised names to leave out.
    """
    entries = re.split(r"^(?=\S)", lock, flags=re.MULTILINE)
    return "".join(entry for entry in entries if not locked_names(entry) & names)


def without_addresses(lock: str) -> str:
    """Return a lock of npm without whom to fund: the only addresses that npm leaves in it.

    Args:
        lock: The text of a `package-lock.json`, made with `omit-lockfile-registry-resolved`.
    """
    document = json.loads(lock)
    for package in document["packages"].values():
        package.pop("funding", None)
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def compile_locks(folder: Path = LOCKS, *, upgrade: bool = False) -> None:
    """Write every lock of the project into a folder; what is locked stays unless asked.

    Args:
        folder: Where the locks are.
        upgrade: Take the newest versions instead of those that are locked already.
    """
    everything = folder / f"{DEVELOPMENT}.txt"
    _compile(development_requirements(), everything, upgrade=upgrade)
    in_base: frozenset[str] = frozenset()
    for layer, requirements in layer_requirements().items():
        lock = folder / f"{layer}.txt"
        lock.unlink(missing_ok=True)
        _compile(requirements, lock, constraint=everything)
        if layer == BASE:
            in_base = locked_names(lock.read_text())
        else:
            lock.write_text(without(lock.read_text(), in_base))
    emulator = folder / f"{EMULATOR}.in"
    packages = [line for line in emulator.read_text().splitlines() if not line.startswith("#")]
    _compile(packages, folder / f"{EMULATOR}.txt", upgrade=upgrade)


def _pyproject() -> dict[str, Any]:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text())


def _group(groups: dict[str, list[Any]], name: str) -> list[str]:
    lines: list[str] = []
    for entry in groups[name]:
        lines += [entry] if isinstance(entry, str) else _group(groups, entry["include-group"])
    return lines


def _compile(
    requirements: list[str], output: Path, *, constraint: Path | None = None, upgrade: bool = False
) -> None:
    foreign = [line for line in map(Requirement, requirements) if not _applies(line)]
    _solve(requirements, output, constraint=constraint, upgrade=upgrade)
    with output.open("a") as lock:
        for requirement in foreign:
            lock.write(_solve_for_others(requirement, constraint, upgrade=upgrade))


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate()


def _solve_for_others(requirement: Requirement, constraint: Path | None, *, upgrade: bool) -> str:
    """Solve a requirement that is not meant for this interpreter, as if it were."""
    if constraint is not None:
        entries = _ENTRY_TEXT.findall(constraint.read_text())
        return "".join(entry for entry in entries if f" ; {requirement.marker} " in entry)
    with TemporaryDirectory() as folder:
        lock = Path(folder) / "lock.txt"
        marker, requirement.marker = requirement.marker, None
        _solve([str(requirement)], lock, upgrade=upgrade)
        return _ENTRY_LINE.sub(rf"\g<0> ; {marker}", lock.read_text())


def _solve(
    requirements: list[str], output: Path, *, constraint: Path | None = None, upgrade: bool = False
) -> None:
    with TemporaryDirectory() as folder:
        source = Path(folder) / "requirements.in"
        source.write_text("\n".join(requirements) + "\n")
        subprocess.run(  # noqa: S603  the project's own tool on the project's own files
            [
                *(sys.executable, "-m", "piptools", "compile", *_OPTIONS),
                *(["--upgrade"] if upgrade else []),
                *(["--constraint", str(constraint)] if constraint else []),
                *("--output-file", str(output), str(source)),
            ],
            check=True,
        )


def main() -> None:
    """Make the locks."""
    parser = argparse.ArgumentParser(prog="python -m infra.locks", description=main.__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    if sys.version_info[:2] != OLDEST_PYTHON:
        parser.error("locks are made on Python {}.{}".format(*OLDEST_PYTHON))
    compile_locks(upgrade=parser.parse_args().upgrade)
    for lock in NODE_LOCKS:
        lock.write_text(without_addresses(lock.read_text()))


if __name__ == "__main__":
    main()
