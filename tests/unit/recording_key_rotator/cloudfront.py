"""CloudFront in memory: public keys, a key group, and what it lets whom read."""

from __future__ import annotations

import base64
import fnmatch
import itertools
import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import botocore.session
from botocore.validate import ParamValidator
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.support.clock import START

STAND_IN = "K-stand-in"
GROUP = "group"
MODEL = botocore.session.get_session().get_service_model("cloudfront")


class SecretsManager:
    """Keeps one secret."""

    def __init__(self) -> None:
        self.text = '{"current": "as the stack generates it"}'
        self.is_out_of_reach = False

    def get_secret_value(self, **_: str) -> dict[str, Any]:
        return {"SecretString": self.text, "CreatedDate": START}

    def put_secret_value(self, SecretString: str, **_: str) -> None:  # noqa: N803  boto3's name
        if self.is_out_of_reach:
            raise ConnectionError
        self.text = SecretString


class CloudFront:
    """Answers like botocore's client, and checks parameters against the service's model."""

    def __init__(self) -> None:
        self.keys: dict[str, dict[str, str]] = {STAND_IN: {"Name": "stand-in", "EncodedKey": ""}}
        self.group: dict[str, Any] = {"Name": "recordings", "Items": [STAND_IN]}
        self.version = 0
        self._ids = itertools.count(1)

    def create_public_key(self, **given: Any) -> dict[str, Any]:
        _check("CreatePublicKey", given)
        config = given["PublicKeyConfig"]
        assert config["Name"] not in {key["Name"] for key in self.keys.values()}
        key_id = f"K{next(self._ids)}"
        self.keys[key_id] = config
        return {"PublicKey": {"Id": key_id}}

    def get_public_key(self, **given: Any) -> dict[str, Any]:
        _check("GetPublicKey", given)
        return {"ETag": f"tag of {given['Id']}"}

    def delete_public_key(self, **given: Any) -> None:
        _check("DeletePublicKey", given)
        assert given["Id"] not in self.group["Items"], "a key that a group holds stays"
        assert given["IfMatch"] == f"tag of {given['Id']}"
        del self.keys[given["Id"]]

    def list_public_keys(self, **given: Any) -> dict[str, Any]:
        """One key a page, so that whoever reads the first page alone is found out."""
        _check("ListPublicKeys", given)
        ids = list(self.keys)
        at = ids.index(given["Marker"]) if given else 0
        page = {"Items": [{"Id": ids[at], "Name": self.keys[ids[at]]["Name"]}]}
        more = {"NextMarker": ids[at + 1]} if at + 1 < len(ids) else {}
        return {"PublicKeyList": {**page, **more}}

    def get_key_group(self, **given: Any) -> dict[str, Any]:
        _check("GetKeyGroup", given)
        return {"KeyGroup": {"KeyGroupConfig": dict(self.group)}, "ETag": str(self.version)}

    def update_key_group(self, **given: Any) -> None:
        _check("UpdateKeyGroup", given)
        assert given["IfMatch"] == str(self.version)
        assert given["KeyGroupConfig"]["Items"], "a key group is never empty"
        self.group = given["KeyGroupConfig"]
        self.version += 1

    def admits(self, address: str, now: datetime, cookies: tuple[str, ...] = ()) -> bool:
        """Say whether it would serve an address, to whoever sends these cookies with it."""
        parts = urlsplit(address)
        shown = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if not shown:
            pairs = (cookie.split(";")[0].partition("=") for cookie in cookies)
            shown = {name.removeprefix("CloudFront-"): value for name, _, value in pairs}
        if shown.get("Key-Pair-Id") not in self.group["Items"]:
            return False
        policy = _decode(shown["Policy"])
        public = load_pem_public_key(self.keys[shown["Key-Pair-Id"]]["EncodedKey"].encode())
        assert isinstance(public, RSAPublicKey)
        try:
            signature = _decode(shown["Signature"])
            public.verify(signature, policy, padding.PKCS1v15(), hashes.SHA1())
        except InvalidSignature:
            return False
        (statement,) = json.loads(policy)["Statement"]
        plain = f"{parts.scheme}://{parts.netloc}{parts.path}"
        is_fresh = now.timestamp() < statement["Condition"]["DateLessThan"]["AWS:EpochTime"]
        return is_fresh and fnmatch.fnmatchcase(plain, statement["Resource"])


def _check(operation: str, given: dict[str, Any]) -> None:
    report = ParamValidator().validate(given, MODEL.operation_model(operation).input_shape)
    assert not report.has_errors(), report.generate_report()


def _decode(text: str) -> bytes:
    return base64.b64decode(text.translate(str.maketrans("-_~", "+=/")), validate=True)
