"""Reading published models without running what is in them."""

from __future__ import annotations

import os
import pickle
from collections import OrderedDict
from pathlib import Path

import pytest

from layers.classifier.build import WeightsSourceError, build_weights
from layers.classifier.unpickling import UnsafePickleError, read_pickle


class Malicious:
    def __init__(self, call: object) -> None:
        self.call = call

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return self.call, ("echo pwned",)


@pytest.mark.parametrize("call", [os.system, eval, exec, print, open, getattr])
def test_pickle_that_calls_anything_is_refused(tmp_path: Path, call: object) -> None:
    path = tmp_path / "model.pickle"
    path.write_bytes(pickle.dumps(Malicious(call)))
    with pytest.raises(UnsafePickleError):
        read_pickle(path)


def test_dotted_name_of_a_known_library_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pickle"
    path.write_bytes(b"\x80\x04\x8c\x0dsklearn.utils\x8c\x09os.system\x93.")
    with pytest.raises(UnsafePickleError):
        read_pickle(path)


def test_plain_data_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.pickle"
    path.write_bytes(pickle.dumps({"words": OrderedDict(a=1), "numbers": [1, 2.5, None]}))
    assert read_pickle(path) == {"words": OrderedDict(a=1), "numbers": [1, 2.5, None]}


def test_missing_packages_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsSourceError, match="toxic_classifier"):
        build_weights(tmp_path, tmp_path / "built")
