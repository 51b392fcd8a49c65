"""Who is behind a connection: what the authorizer found and every later frame carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from ayinel_live.runtime.errors import UnauthenticatedError

MemberRole = Literal["owner", "moderator", "viewer"]


class Identity(BaseModel):
    """A person at a connection, as the ticket said when it opened.

    It tells who somebody is. What somebody may do now is never read from here but decided by the
    condition of a write: `role` is a hint for showing and for finding staff.

    Attributes:
        ticket_id: ULID of the ticket, usable once.
        stream_id: The stream that the connection is for.
        owner_id: The stream's creator.
        viewer_id: The person: a user id, or a signed id of somebody anonymous.
        user_id: The token's subject, empty for somebody anonymous.
        display_name: The name that is shown beside messages.
        role: Standing in the channel when the ticket was issued.
        country: ISO 3166-1 alpha-2 code of the viewer's country, or empty.
        device_class: Coarse kind of device, or empty.
        referrer_host: Host of the page that embeds the player, or empty.
        is_counted: Whether the person counts as a viewer.
        is_sight_certain: Whether the person cannot have lost the right to see the stream since the
            ticket was issued.
        expires_at: End of the ticket, epoch seconds.
        connection_expires_at: When the connection has to end or renew, epoch seconds.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore"
    )

    ticket_id: str
    stream_id: str
    owner_id: str
    viewer_id: str
    user_id: str = ""
    display_name: str
    role: MemberRole = "viewer"
    country: str = ""
    device_class: str = ""
    referrer_host: str = ""
    is_counted: bool = True
    is_sight_certain: bool = False
    expires_at: int
    connection_expires_at: int

    @classmethod
    def from_context(cls, context: Mapping[str, object]) -> Self:
        """Read the authorizer's context, whose values are all text.

        Args:
            context: `requestContext.authorizer` of a WebSocket event.

        Raises:
            UnauthenticatedError: The context is not one that our authorizer wrote.
        """
        try:
            return cls.model_validate(context)
        except ValidationError:
            raise UnauthenticatedError("The connection carries no identity.") from None

    def to_context(self) -> dict[str, str]:
        """Render the context that the authorizer answers with: text under camelCase names."""
        values = self.model_dump(by_alias=True)
        return {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in values.items()
        }
