"""A boto3 client whose answers are all held against botocore's service model."""

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.model import ListShape, MapShape, Shape, StructureShape
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from local.video.control import model
from tests.integration.video_standin.house import House

UNKNOWN = "arn:aws:ivs:us-east-1:000000000000:{}/AbCdEfGhIjKl"
UNSUPPORTED = {
    name
    for name in model.service_model().operation_names
    if "AdConfiguration" in name or "FailoverSlate" in name or name == "InsertAdBreak"
}


def public_key(curve: ec.EllipticCurve | None = None) -> str:
    key = ec.generate_private_key(curve or ec.SECP384R1()).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class Checked:
    """A client that holds every answer against the model and notes what was called."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.called: set[str] = set()
        house.ivs.meta.events.register("after-call.ivs.*", self._check)

    def _check(self, model: Any, parsed: dict[str, Any], http_response: Any, **_: Any) -> None:
        self.called.add(model.name)
        if http_response.status_code >= 300:
            code = parsed["Error"]["Code"]
            if code == "ThrottlingException":
                # AWS may answer any call with it, modelled or not.
                assert http_response.status_code == 429
                return
            shapes = {shape.name: shape for shape in model.error_shapes}
            assert code in shapes, f"{model.name} cannot answer {code}"
            assert http_response.status_code == shapes[code].metadata["error"]["httpStatusCode"]
            assert http_response.headers["x-amzn-ErrorType"] == code
            assert parsed["exceptionMessage"]
            return
        assert http_response.status_code == model.http["responseCode"]
        if http_response.status_code == 204:
            assert http_response.content == b""
        if model.output_shape is not None:
            body = {key: value for key, value in parsed.items() if key != "ResponseMetadata"}
            hold(model.output_shape, body, model.name)

    async def __call__(self, operation: str, **members: Any) -> dict[str, Any]:
        return await self.house.call(operation, **members)

    async def refused(self, operation: str, **members: Any) -> str:
        with pytest.raises(ClientError) as caught:
            await self.house.call(operation, **members)
        code: str = caught.value.response["Error"]["Code"]
        return code


def hold(shape: Shape, value: Any, path: str) -> None:
    """Hold a parsed answer against a shape: types, required members, patterns, sets, ranges."""
    if isinstance(shape, StructureShape):
        assert isinstance(value, dict), path
        assert set(value) <= set(shape.members), f"{path}: {set(value) - set(shape.members)}"
        assert set(shape.required_members) <= set(value), path
        for member, given in value.items():
            hold(shape.members[member], given, f"{path}.{member}")
    elif isinstance(shape, ListShape):
        assert isinstance(value, list), path
        for item in value:
            hold(shape.member, item, f"{path}[]")
    elif isinstance(shape, MapShape):
        assert isinstance(value, dict), path
    elif shape.type_name == "string":
        assert isinstance(value, str), path
        pattern = shape.metadata.get("pattern", "").replace(":[a-z-]/", ":[a-z-]+/")
        if pattern and r"\p" not in pattern:
            assert re.fullmatch(pattern, value), f"{path}: {value}"
        # IVS itself gives an empty preset for types that have none.
        if "enum" in shape.metadata and not (value == "" and path.endswith(".preset")):
            assert value in shape.metadata["enum"], path
    else:
        kinds: dict[str, type] = {"integer": int, "long": int, "boolean": bool}
        if shape.type_name in kinds:
            assert isinstance(value, kinds[shape.type_name]), path
        else:
            assert shape.type_name == "timestamp", path
