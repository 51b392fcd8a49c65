"""How CloudFormation types that MiniStack lacks are added to it."""

from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import provisioners

Properties = dict[str, Any]
Attributes = dict[str, Any]
Create = Callable[[Properties], tuple[str, Attributes]]
Update = Callable[[str, Properties, Properties], tuple[str, Attributes]]
Delete = Callable[[str], None]


def register(resource_type: str, *, create: Create, update: Update, delete: Delete) -> None:
    """Let templates hold resources of a type.

    Args:
        resource_type: Such as `AWS::IVS::Channel`.
        create: Takes the properties; returns what `Ref` gives and what `Fn::GetAtt` can ask for.
        update: Takes what `Ref` gives, the old and the new properties; returns as `create` does.
            Another id than before means that the resource was replaced: the old is deleted.
        delete: Takes what `Ref` gives; a resource that is gone already is no error.
    """

    def created(_logical_id: str, properties: Properties, _stack: str) -> Any:
        return create(properties)

    def updated(physical_id: str, old: Properties, new: Properties, _stack: str) -> Any:
        return update(physical_id, old, new)

    def deleted(physical_id: str, _properties: Properties) -> None:
        delete(physical_id)

    provisioners._RESOURCE_HANDLERS[resource_type] = {
        "create": created,
        "update": updated,
        "delete": deleted,
    }
