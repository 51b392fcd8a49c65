"""What the post worker tells of a connection that is gone."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from ayinel_live.runtime.wire import WireTime


class Departure(BaseModel):
    """A post was answered that the connection does not exist any more."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")

    connection_id: Annotated[str, Field(min_length=1, max_length=128)]
    at: WireTime
