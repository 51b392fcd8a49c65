"""AMF0, the value format of RTMP commands and of stream metadata.

Source: Action Message Format, AMF 0 (Adobe, 2007). Only what encoders send is read; a type that
no encoder uses in a command (references, typed objects, XML) is an error.
"""

import struct
from collections.abc import Sequence
from typing import TypeAlias

AmfValue: TypeAlias = "float | bool | str | dict[str, AmfValue] | list[AmfValue] | None"

MAX_DEPTH = 8
MAX_ITEMS = 1024

_NUMBER, _BOOLEAN, _STRING, _OBJECT, _NULL, _UNDEFINED = 0, 1, 2, 3, 5, 6
_ECMA_ARRAY, _OBJECT_END, _STRICT_ARRAY, _DATE, _LONG_STRING = 8, 9, 10, 11, 12


class AmfError(ValueError):
    """Raised when bytes are no AMF0 that an encoder would send."""


def decode(data: bytes) -> list[AmfValue]:
    """Read every value of a message.

    Args:
        data: The message's payload.

    Returns:
        The values in order; dates become milliseconds, undefined becomes ``None``.

    Raises:
        AmfError: If the bytes are cut short, nested too deep or of an unknown type.
    """
    reader = _Reader(data)
    values: list[AmfValue] = []
    try:
        while reader.position < len(data):
            values.append(reader.value(MAX_DEPTH))
            if len(values) > MAX_ITEMS:
                raise AmfError("too many values")
    except struct.error as error:
        raise AmfError("cut short") from error
    return values


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def value(self, depth: int) -> AmfValue:
        if depth == 0:
            raise AmfError("nested too deep")
        marker = self._take(1)[0]
        if marker == _NUMBER:
            return self._number()
        if marker == _BOOLEAN:
            return self._take(1) != b"\x00"
        if marker == _STRING:
            return self._text(2)
        if marker == _LONG_STRING:
            return self._text(4)
        if marker in (_NULL, _UNDEFINED):
            return None
        if marker == _DATE:
            milliseconds = self._number()
            self._take(2)
            return milliseconds
        return self._collection(marker, depth)

    def _collection(self, marker: int, depth: int) -> AmfValue:
        if marker == _OBJECT:
            return self._members(depth)
        if marker == _ECMA_ARRAY:
            self._take(4)
            return self._members(depth)
        if marker == _STRICT_ARRAY:
            count = int.from_bytes(self._take(4), "big")
            if count > MAX_ITEMS:
                raise AmfError("array too long")
            return [self.value(depth - 1) for _ in range(count)]
        raise AmfError("unknown type")

    def _members(self, depth: int) -> dict[str, AmfValue]:
        members: dict[str, AmfValue] = {}
        while len(members) <= MAX_ITEMS:
            name = self._text(2)
            if not name and self._data[self.position : self.position + 1] == b"\x09":
                self.position += 1
                return members
            members[name] = self.value(depth - 1)
        raise AmfError("too many members")

    def _number(self) -> float:
        return float(struct.unpack(">d", self._take(8))[0])

    def _text(self, size_bytes: int) -> str:
        length = int.from_bytes(self._take(size_bytes), "big")
        return self._take(length).decode("utf-8", "replace")

    def _take(self, count: int) -> bytes:
        end = self.position + count
        if end > len(self._data):
            raise AmfError("cut short")
        taken = self._data[self.position : end]
        self.position = end
        return taken


def encode(values: Sequence[AmfValue]) -> bytes:
    """Write values one after the other, as a command message carries them.

    Args:
        values: Numbers, booleans, strings, ``None``, and dicts and lists of these.

    Returns:
        The AMF0 bytes.
    """
    return b"".join(_encode_one(value) for value in values)


def _encode_one(value: AmfValue) -> bytes:
    if value is None:
        return bytes([_NULL])
    if isinstance(value, bool):
        return bytes([_BOOLEAN, value])
    if isinstance(value, int | float):
        return bytes([_NUMBER]) + struct.pack(">d", value)
    if isinstance(value, str):
        return _encode_text(value)
    if isinstance(value, list):
        return bytes([_STRICT_ARRAY]) + struct.pack(">I", len(value)) + encode(value)
    members = b"".join(_name(key) + _encode_one(member) for key, member in value.items())
    return bytes([_OBJECT]) + members + b"\x00\x00" + bytes([_OBJECT_END])


def _encode_text(value: str) -> bytes:
    raw = value.encode()
    if len(raw) > 0xFFFF:
        return bytes([_LONG_STRING]) + struct.pack(">I", len(raw)) + raw
    return bytes([_STRING]) + struct.pack(">H", len(raw)) + raw


def _name(key: str) -> bytes:
    raw = key.encode()[:0xFFFF]
    return struct.pack(">H", len(raw)) + raw
