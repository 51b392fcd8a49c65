"""Reads the pickles of published models without running anything that is in them.

A pickle can name any function and call it. This reader knows a handful of names; each class of a
machine-learning library becomes a bag of attributes, and any other name is refused.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, ClassVar, Final

import numpy as np


class UnsafePickleError(ValueError):
    """A pickle names something that is not on the list."""


class Attributes:
    """Stands for an object of a library that is not installed: its state and nothing else."""

    def __init__(self, *arguments: object) -> None:
        self.arguments = arguments

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


class _InlineArray(Attributes):
    """Stands for joblib's wrapper, behind which the bytes of an array follow in the file."""

    shape: tuple[int, ...]
    order: str
    dtype: np.dtype[Any]

    def read(self, file: IO[bytes]) -> np.ndarray[Any, Any]:
        if self.dtype.hasobject:
            raise UnsafePickleError("an array of objects is a pickle of its own")
        if getattr(self, "numpy_array_alignment_bytes", None) is not None:
            file.read(file.read(1)[0])
        count = int(np.prod(self.shape, dtype=np.int64))
        flat = np.frombuffer(file.read(count * self.dtype.itemsize), self.dtype, count)
        return flat.reshape(self.shape, order="F" if self.order == "F" else "C")


_load_build: Callable[[Any], None] = pickle._Unpickler.dispatch[pickle.BUILD[0]]  # noqa: SLF001
_scalar = np.float64(0).__reduce__()[0]

_KNOWN: Final = MappingProxyType(
    {
        ("builtins", "int"): int,
        ("builtins", "float"): float,
        ("collections", "OrderedDict"): OrderedDict,
        ("collections", "defaultdict"): defaultdict,
        ("numpy", "dtype"): np.dtype,
        ("numpy", "float64"): np.float64,
        ("numpy", "int64"): np.int64,
        ("numpy", "ndarray"): np.ndarray,
        ("numpy.core.multiarray", "scalar"): _scalar,
        ("numpy._core.multiarray", "scalar"): _scalar,
        ("joblib.numpy_pickle", "NumpyArrayWrapper"): _InlineArray,
    }
)
_BAGS: Final = ("sklearn.", "keras.", "scipy.sparse.")


class _Unpickler(pickle._Unpickler):  # noqa: SLF001  the C one cannot read arrays between opcodes
    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = dict(pickle._Unpickler.dispatch)  # noqa: SLF001

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self._file = file

    def find_class(self, module: str, name: str) -> Any:
        """Returns a known name, or a bag of attributes for a class of a known library."""
        known = _KNOWN.get((module, name))
        if known is not None:
            return known
        if module.startswith(_BAGS) and "." not in name:
            return Attributes
        raise UnsafePickleError(f"refused to load {module}.{name}")

    def load_build(self) -> None:
        """Sets an object's state; where that object stands for an array, reads the array."""
        _load_build(self)
        stack: list[Any] = getattr(self, "stack")  # noqa: B009  typeshed leaves it out
        if isinstance(stack[-1], _InlineArray):
            stack[-1] = stack[-1].read(self._file)

    dispatch[pickle.BUILD[0]] = load_build


def read_pickle(path: Path) -> Any:
    """Reads a pickle, plain or as joblib writes it uncompressed.

    Args:
        path: The file.

    Returns:
        What it holds, with `Attributes` in the place of library objects.

    Raises:
        UnsafePickleError: It names a function or class that is not on the list.
    """
    with path.open("rb") as file:
        return _Unpickler(file).load()
