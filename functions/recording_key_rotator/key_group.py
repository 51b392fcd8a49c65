"""CloudFront's key group, which `RecordingKeys` keeps up to its secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


class CloudFrontKeyGroup:
    """A key group.

    Args:
        client: Gives a botocore `cloudfront` client.
        key_group_id: The group.
    """

    def __init__(self, client: Callable[[], Any], key_group_id: str) -> None:
        self._client = client
        self._key_group_id = key_group_id

    def add(self, name: str, public_key_pem: str) -> str:
        """Make a public key known; its name is good for one key, whoever asks again gets that."""
        answer = self._client().create_public_key(
            PublicKeyConfig={"CallerReference": name, "Name": name, "EncodedKey": public_key_pem}
        )
        made: str = answer["PublicKey"]["Id"]
        return made

    def trust(self, key_pair_ids: tuple[str, ...]) -> None:
        """Trust these keys and no others; asks for nothing where it is so already."""
        answer = self._client().get_key_group(Id=self._key_group_id)
        config = answer["KeyGroup"]["KeyGroupConfig"]
        if set(config["Items"]) == set(key_pair_ids):
            return
        self._client().update_key_group(
            Id=self._key_group_id,
            IfMatch=answer["ETag"],
            KeyGroupConfig={**config, "Items": list(key_pair_ids)},
        )

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield every public key of the account as (id, name)."""
        more: dict[str, str] = {}
        while True:
            found = self._client().list_public_keys(**more)["PublicKeyList"]
            for key in found.get("Items", []):
                yield key["Id"], key["Name"]
            if not found.get("NextMarker"):
                return
            more = {"Marker": found["NextMarker"]}

    def remove(self, key_pair_id: str) -> None:
        """Delete a public key that no key group holds any more."""
        tag = self._client().get_public_key(Id=key_pair_id)["ETag"]
        self._client().delete_public_key(Id=key_pair_id, IfMatch=tag)
