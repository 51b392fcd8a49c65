"""Reads the safetensors format: a JSON header and plain numbers, so nothing in it can run."""

from __future__ import annotations

import json
import struct
from types import MappingProxyType
from typing import Any, Final

import numpy as np

_LENGTH_BYTES: Final = 8
_TYPES: Final = MappingProxyType({"F32": np.float32, "F16": np.float16, "I64": np.int64})


class TensorFormatError(ValueError):
    """A file is not in the safetensors format, or has numbers of a kind that is not read."""


def read_tensors(content: bytes) -> dict[str, np.ndarray[Any, Any]]:
    """Reads all tensors of a file.

    Args:
        content: The file's bytes.

    Returns:
        Arrays by name.

    Raises:
        TensorFormatError: The header is broken, or points outside the file.
    """
    try:
        (length,) = struct.unpack_from("<Q", content)
        header = json.loads(content[_LENGTH_BYTES : _LENGTH_BYTES + length])
        body = memoryview(content)[_LENGTH_BYTES + length :]
        return {
            name: _read(body, entry) for name, entry in header.items() if name != "__metadata__"
        }
    except (struct.error, ValueError, LookupError, TypeError, AttributeError) as error:
        raise TensorFormatError("the file is not in the safetensors format") from error


def _read(body: memoryview, entry: dict[str, Any]) -> np.ndarray[Any, Any]:
    start, stop = entry["data_offsets"]
    if not 0 <= start <= stop <= len(body):
        raise ValueError("a tensor points outside the file")
    return np.frombuffer(body[start:stop], _TYPES[entry["dtype"]]).reshape(entry["shape"])
