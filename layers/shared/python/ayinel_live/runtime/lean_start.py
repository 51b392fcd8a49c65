"""What libraries import and functions hardly ever use, put off until it is used.

`functions/__init__.py` imports this before anything else is. Nothing behaves differently; a cold
start costs a sixth less of what importing the SDK does.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec

# Imported by the Logger for correlation ids that are looked up by JMESPath; ours are not.
_LATE = frozenset({"aws_lambda_powertools.utilities.jmespath_utils"})
# Ninety `TypedDict`s for type checkers, each compiled from text when it is made: an eighth of what
# importing pydantic costs. At run time they are dictionaries like any other.
_TYPED = "pydantic_core.core_schema"
# Imports all that reads metadata of packages, even where plug-ins are off.
_PLUGINS = "pydantic.plugin._loader"


class _LateFinder:
    """Finds modules whose code runs when something of theirs is first asked for.

    No `MetaPathFinder` by name: importing that class costs as much as all that is saved here.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a late module, None for all others."""
        if fullname not in _LATE and fullname != _TYPED:
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and spec.loader is not None:
            wrap = LazyLoader if fullname in _LATE else _PlainDictsLoader
            spec.loader = cast("Loader", wrap(spec.loader))
        return spec


class _PlainDict(dict[Any, Any]):
    """What a `TypedDict` is at run time, without reading its annotations."""

    def __init_subclass__(cls, **_: object) -> None:
        """Take what a `TypedDict` takes, such as `total`."""


class _PlainDictsLoader:
    """Loads a module whose `TypedDict`s are for type checkers alone."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave it to the interpreter."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code with cheap dictionaries."""
        import typing

        import typing_extensions

        holders = (typing, typing_extensions)
        kept = [vars(holder)["TypedDict"] for holder in holders]
        for holder in holders:
            vars(holder)["TypedDict"] = _PlainDict
        try:
            self._loader.exec_module(module)
        finally:
            for holder, typed in zip(holders, kept, strict=True):
                vars(holder)["TypedDict"] = typed


def start_lean() -> None:
    """Put off what is not needed to start; for a function's own process only."""
    if any(isinstance(finder, _LateFinder) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, _LateFinder())
    if os.environ.get("PYDANTIC_DISABLE_PLUGINS") == "__all__" and _PLUGINS not in sys.modules:
        plugins = ModuleType(_PLUGINS)
        vars(plugins)["get_plugins"] = tuple
        sys.modules[_PLUGINS] = plugins
