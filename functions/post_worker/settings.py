"""Settings of the post worker: a dataclass, since this function does not pay for pydantic."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Self


@dataclass(frozen=True, eq=False)
class PostWorkerSettings:
    """The environment, field by field.

    Attributes:
        stage: Deployment stage.
        connections_table: Physical name of the Connections table.
        connections_endpoint_url: Base of `@connections`, with the stage's path.
        posts_queue_url: Where what is left goes.
        departures_queue_url: Where connections that are gone are told.
        posts_per_second: This worker's pace; 0 is as fast as it goes.
        set_aside_queue_url: Where unreadable messages go; empty for nowhere.
        aws_region: AWS region.
        aws_access_key_id: Of the function's role.
        aws_secret_access_key: Of the function's role.
        aws_session_token: Of the function's role; empty on the emulator.
        aws_endpoint_url: The emulator, or empty for AWS.
        aws_ca_bundle: A file of authorities to trust instead of the system's.
    """

    stage: str
    connections_table: str
    connections_endpoint_url: str
    posts_queue_url: str
    departures_queue_url: str
    posts_per_second: float
    set_aside_queue_url: str = ""
    aws_region: str = "us-east-1"
    aws_access_key_id: str = ""
    aws_secret_access_key: str = field(default="", repr=False)
    aws_session_token: str = field(default="", repr=False)
    aws_endpoint_url: str = ""
    aws_ca_bundle: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Args:
            environment: The variables; the process's own by default.

        Raises:
            KeyError: Variables are missing.
            ValueError: The pace is no number.
        """
        source = os.environ if environment is None else environment
        values: dict[str, str] = {
            entry.name: source[entry.name.upper()]
            for entry in fields(cls)
            if entry.name.upper() in source
        }
        required = {entry.name for entry in fields(cls) if entry.default is MISSING}
        missing = required - values.keys()
        if missing:
            raise KeyError(*sorted(name.upper() for name in missing))
        pace = float(values.pop("posts_per_second"))
        return cls(posts_per_second=pace, **values)
