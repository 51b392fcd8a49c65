"""Settings: one frozen model per function, read once from the environment at cold start.

A field `streams_table` is the environment variable `STREAMS_TABLE`. The CDK app checks each
function's environment against its model when it synthesises. A function that may not pay for
pydantic (`post_worker`) uses a frozen dataclass with the same naming instead.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Self, cast

from pydantic import BaseModel, ConfigDict, ValidationError


class SettingsError(Exception):
    """The environment lacks a variable or holds an impossible value; never shows the value."""


class FunctionSettings(BaseModel):
    """The base of a function's settings."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    stage: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Args:
            environment: The variables; the process's own by default.

        Raises:
            SettingsError: A variable is missing or its value breaks the field's rule.
        """
        source = os.environ if environment is None else environment
        values = {name: source[name.upper()] for name in cls.model_fields if name.upper() in source}
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            faults = ", ".join(
                f"{str(fault['loc'][0]).upper()}: {fault['msg']}"
                for fault in error.errors(include_url=False, include_input=False)
            )
            raise SettingsError(f"{cls.__module__}: {faults}") from None


def environment_names(settings: type) -> tuple[frozenset[str], frozenset[str]]:
    """Return the variables a settings class reads: (required, optional).

    Args:
        settings: A `FunctionSettings` subclass or a frozen dataclass.
    """
    required: set[str] = set()
    optional: set[str] = set()
    if issubclass(settings, BaseModel):
        for name, field in settings.model_fields.items():
            (required if field.is_required() else optional).add(name.upper())
    else:
        for entry in dataclasses.fields(cast("type", settings)):
            has_default = (
                entry.default is not dataclasses.MISSING
                or entry.default_factory is not dataclasses.MISSING
            )
            (optional if has_default else required).add(entry.name.upper())
    return frozenset(required), frozenset(optional)
