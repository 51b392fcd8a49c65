"""The product's own code: one layer of what functions share, and a bundle for each function."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from functions.routes import API_FUNCTIONS
from infra.layers import trees
from infra.layers.packages import LAYERS_FOLDER
from infra.layers.recipes import Layer
from infra.layers.trees import BundleError, built, compile_tree, digest_of, digest_of_files
from infra.locks import REPOSITORY

BUNDLES_FOLDER = REPOSITORY / "build" / "functions"
_SHARED_ROOT = REPOSITORY / "layers" / "shared" / "python"
_FUNCTIONS = REPOSITORY / "functions"
_IGNORED = {"__pycache__", ".DS_Store"}


def shared_layer(folder: Path = LAYERS_FOLDER) -> Path:
    """Return the folder of the layer that holds `ayinel_live`, building it if that has changed.

    It stands apart from the packages, so that a change of code uploads kilobytes.
    """
    files = _files_below(_SHARED_ROOT / "ayinel_live")
    return _code(Layer.SHARED, _SHARED_ROOT, files, folder, below="python", runtime_root="/opt")


def function_bundle(name: str, folder: Path = BUNDLES_FOLDER) -> Path:
    """Return the folder of a function's code, building it if that has changed.

    Args:
        name: The function's folder in `functions/`.
        folder: Where built bundles are kept.

    Raises:
        BundleError: There is no such function.
    """
    if not (_FUNCTIONS / name / "handler.py").is_file():
        raise BundleError(f"functions/{name}/handler.py is missing, but the stack deploys it")
    files = [_FUNCTIONS / "__init__.py", *_files_below(_FUNCTIONS / name)]
    if name in API_FUNCTIONS:
        files.append(_FUNCTIONS / "routes.py")
    return _code(name, REPOSITORY, files, folder, below="", runtime_root="/var/task")


def _code(
    name: str, root: Path, files: list[Path], folder: Path, *, below: str, runtime_root: str
) -> Path:
    tools = Path(trees.__file__ or "").read_bytes() + Path(__file__).read_bytes()
    key = digest_of(digest_of_files(root, files), sys.implementation.cache_tag, tools)

    def fill(draft: Path) -> None:
        for file in files:
            copy = draft / below / file.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
        compile_tree(draft, runtime_root)

    return built(folder / f"{name}-{key}", fill)


def _files_below(folder: Path) -> list[Path]:
    found: Iterable[Path] = folder.rglob("*")
    return [path for path in found if path.is_file() and not _IGNORED.intersection(path.parts)]
