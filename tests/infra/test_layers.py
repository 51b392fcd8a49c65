"""Layers: small, compiled, made from their locks alone, and made once."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.layers.code import shared_layer
from infra.layers.packages import package_layer
from infra.layers.recipes import ARM64, HOST, PACKAGE_LAYERS, SERVICES, Layer
from infra.layers.trees import archive_of, built
from infra.locks import (
    LOCKS,
    NODE_LOCKS,
    REPOSITORY,
    development_requirements,
    layer_requirements,
    locked_names,
    without_addresses,
)

BASE_LIMIT_BYTES = 26_000_000
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
FUNCTION_LIMIT_BYTES = 250 * 1024 * 1024
ARM64_MACHINE = 183
UNCHECKED_HASH = 0b01
CLIENT = re.compile(r"""(?:aws_client|partial\(aws_client),?\s*\(?\s*["']([a-z-]+)["']""")


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_base_layer_weighs_at_most_26_megabytes() -> None:
    assert size_of(package_layer(Layer.BASE, HOST)) <= BASE_LIMIT_BYTES


def test_all_layers_together_fit_a_function() -> None:
    folders = [package_layer(layer, HOST) for layer in PACKAGE_LAYERS]
    assert size_of(shared_layer()) + sum(map(size_of, folders)) < FUNCTION_LIMIT_BYTES


@pytest.mark.parametrize("layer", PACKAGE_LAYERS)
def test_every_module_is_compiled_and_never_checked_against_its_source(layer: Layer) -> None:
    root = package_layer(layer, HOST)
    sources = list(root.rglob("*.py"))
    assert sources
    for source in sources:
        compiled = Path(importlib.util.cache_from_source(str(source)))
        head = compiled.read_bytes()[:8]
        assert head[:4] == importlib.util.MAGIC_NUMBER, source
        assert int.from_bytes(head[4:], "little") == UNCHECKED_HASH, source


@pytest.mark.parametrize("layer", [layer for layer in PACKAGE_LAYERS if layer is not Layer.BASE])
def test_no_package_of_the_base_comes_twice(layer: Layer) -> None:
    in_base = {path.name for path in (package_layer(Layer.BASE, HOST) / "python").iterdir()}
    beside = {path.name for path in (package_layer(layer, HOST) / "python").iterdir()}
    assert in_base & beside <= {"__pycache__"}


def test_a_layer_is_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = package_layer(Layer.AUDIENCE, HOST)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("built again")

    monkeypatch.setattr("infra.layers.packages._install", refuse)
    assert package_layer(Layer.AUDIENCE, HOST) == first


def test_a_layer_comes_out_the_same_each_time(tmp_path: Path) -> None:
    digests = set()
    for folder in ("one", "two"):
        built = package_layer(Layer.AUDIENCE, HOST, tmp_path / folder)
        digests.add(hashlib.sha256(archive_of(built).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_zip_holds_what_the_folder_holds() -> None:
    root = shared_layer()
    with zipfile.ZipFile(archive_of(root)) as packed:
        names = set(packed.namelist())
    assert names == {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
    assert all(name.startswith("python/ayinel_live/") for name in names)


def test_every_service_that_code_calls_has_its_model_in_the_base_layer() -> None:
    called = set()
    for root in (REPOSITORY / "functions", REPOSITORY / "layers" / "shared" / "python"):
        for source in root.rglob("*.py"):
            called |= set(CLIENT.findall(source.read_text()))
    assert {"sqs", "secretsmanager"} <= called
    assert called <= set(SERVICES)
    data = package_layer(Layer.BASE, HOST) / "python" / "botocore" / "data"
    assert {path.name for path in data.iterdir() if path.is_dir()} == set(SERVICES)


@pytest.mark.parametrize("layer", [layer for layer in PACKAGE_LAYERS if layer is not Layer.BASE])
def test_locks_of_layers_are_parts_of_the_development_lock(layer: Layer) -> None:
    everything = (LOCKS / "development.txt").read_text()
    lock = (LOCKS / f"{layer}.txt").read_text()
    assert set(re.findall(r"^\S+==\S+", lock, re.MULTILINE)) <= set(
        re.findall(r"^\S+==\S+", everything, re.MULTILINE)
    )
    assert not locked_names(lock) & locked_names((LOCKS / "base.txt").read_text())


@pytest.mark.parametrize("lock", sorted(LOCKS.glob("*.txt")), ids=lambda path: path.name)
def test_locks_hold_names_versions_and_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert not re.search(r"(?:^|\s)/\w", text)
    for entry in re.split(r"^(?=\w)", text, flags=re.MULTILINE):
        assert not entry.strip() or entry.startswith("#") or "--hash=sha256:" in entry


@pytest.mark.parametrize("lock", NODE_LOCKS, ids=lambda path: path.parent.name)
def test_locks_of_npm_hold_no_address_either(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text, "run `make locks`"
    packages = json.loads(text)["packages"]
    assert all("integrity" in package for path, package in packages.items() if path)


def test_addresses_of_whom_to_fund_are_left_out() -> None:
    lock = {"packages": {"node_modules/one": {"version": "1.0.0", "funding": {"url": "https://"}}}}
    assert json.loads(without_addresses(json.dumps(lock))) == {
        "packages": {"node_modules/one": {"version": "1.0.0"}}
    }


def test_locks_hold_all_that_the_project_asks_for() -> None:
    for name, wanted in (
        *layer_requirements().items(),
        ("development", development_requirements()),
    ):
        lock = (LOCKS / f"{name}.txt").read_text()
        versions = dict(re.findall(r"^(\S+)==([^\s;]+)", lock, re.MULTILINE))
        for requirement in map(Requirement, wanted):
            if requirement.marker is None or requirement.marker.evaluate():
                known = versions.get(canonicalize_name(requirement.name))
                assert known is not None, f"{requirement.name}: run `python -m infra.locks`"
                if requirement.marker is None:
                    assert requirement.specifier.contains(known, prereleases=True), requirement


@pytest.mark.slow
@pytest.mark.parametrize("layer", PACKAGE_LAYERS)
def test_layers_for_aws_hold_arm64_binaries_alone(layer: Layer, tmp_path: Path) -> None:
    root = package_layer(layer, ARM64, tmp_path)
    for library in root.rglob("*.so*"):
        head = library.read_bytes()[:20]
        assert head[:4] == b"\x7fELF"
        assert int.from_bytes(head[18:20], "little") == ARM64_MACHINE, library
    assert all(
        f".cpython-{sys.version_info[0]}{sys.version_info[1]}-" in library.name
        for library in root.rglob("*.cpython-*.so")
    )


def test_a_build_sweeps_out_earlier_ones_that_nobody_asked_for_in_days(tmp_path: Path) -> None:
    def fill(draft: Path) -> None:
        (draft / "module.py").write_text("A = 1\n")

    old, kept, other = (
        built(tmp_path / name, fill) for name in ("base-1", "base-2", "base-other-3")
    )
    for root in (old, kept, other):
        os.utime(archive_of(root), (0, 0))
    built(kept, fill)

    newest = built(tmp_path / "base-4", fill)

    assert not old.exists()
    assert not archive_of(old).exists()
    assert all(root.exists() and archive_of(root).exists() for root in (kept, other, newest))
