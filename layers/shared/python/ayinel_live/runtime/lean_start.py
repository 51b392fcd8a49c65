"""What libraries import and functions hardly ever use, put off until it is used.

`functions/__init__.py` imports this before anything else is. Nothing behaves differently; a cold
start costs a tenth less of what importing the SDK does.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec

# Imported by the Logger for correlation ids that are looked up by JMESPath; ours are not.
_LATE = frozenset({"aws_lambda_powertools.utilities.jmespath_utils"})
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
        if fullname not in _LATE:
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


def start_lean() -> None:
    """Put off what is not needed to start; for a function's own process only."""
    if any(isinstance(finder, _LateFinder) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, _LateFinder())
    if os.environ.get("PYDANTIC_DISABLE_PLUGINS") == "__all__" and _PLUGINS not in sys.modules:
        plugins = ModuleType(_PLUGINS)
        vars(plugins)["get_plugins"] = tuple
        sys.modules[_PLUGINS] = plugins
