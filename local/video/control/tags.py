"""Operations on the tags of any resource."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import JsonValue

from local.video.control import requests
from local.video.control.errors import NotFoundError, ValidationError
from local.video.resources import JsonObject, Resource
from local.video.store import Shelf, Store

MAX_TAGS = 50

ResourceT = TypeVar("ResourceT", bound=Resource)


class TagOperations:
    """Note things on resources."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list_tags_for_resource(self, request: JsonObject) -> JsonObject:
        """Show a resource's tags."""
        shown: dict[str, JsonValue] = {**self._change(request, lambda tags: tags)}
        return {"tags": shown}

    def tag_resource(self, request: JsonObject) -> JsonObject:
        """Add tags to a resource, or change them."""
        added = requests.tags(request)
        self._change(request, lambda tags: {**tags, **added})
        return {}

    def untag_resource(self, request: JsonObject) -> JsonObject:
        """Take tags off a resource."""
        removed = requests.texts(request, "tagKeys")
        self._change(
            request,
            lambda tags: {key: value for key, value in tags.items() if key not in removed},
        )
        return {}

    def _change(
        self, request: JsonObject, change: Callable[[dict[str, str]], dict[str, str]]
    ) -> dict[str, str]:
        arn = requests.text(request, "resourceArn")
        store = self._store
        for tagged in (
            _retag(store.channels, arn, change),
            _retag(store.stream_keys, arn, change),
            _retag(store.playback_key_pairs, arn, change),
            _retag(store.recording_configurations, arn, change),
            _retag(store.playback_restriction_policies, arn, change),
        ):
            if tagged is not None:
                return tagged
        raise NotFoundError("The resource does not exist")


def _retag(
    shelf: Shelf[ResourceT], arn: str, change: Callable[[dict[str, str]], dict[str, str]]
) -> dict[str, str] | None:
    resource = shelf.get(arn)
    if resource is None:
        return None
    tags = change(resource.tags)
    if len(tags) > MAX_TAGS:
        raise ValidationError(f"A resource has {MAX_TAGS} tags at most")
    if tags != resource.tags:
        shelf.put(resource.model_copy(update={"tags": tags}))
    return tags
