"""PynamoDB without botocore until the first request, and with one client for all tables.

Importing PynamoDB imports all of botocore, which is most of a cold start, though defining items
needs none of it. And PynamoDB gives each table a botocore session and client of its own, each of
which costs as much CPU as dozens of requests and a TLS handshake. What imports botocore of
PynamoDB's modules (`models`, `connection`, `transactions`) is therefore imported from here.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from ayinel_live.runtime.aws import surroundings, tables_client

_CONNECTION = "pynamodb.connection.base"
# Types that PynamoDB names in annotations and in casts.
_TYPES = "pynamodb.connection._botocore_private"


class _BotocoreWhenNeeded:
    """Stands for the package `botocore` in PynamoDB's module and loads parts as they are named."""

    def __getattr__(self, name: str) -> Any:
        return import_module(f"botocore.{name}")


def _get_session(*arguments: Any, **named: Any) -> Any:
    return import_module("botocore.session").get_session(*arguments, **named)


def _stand_in(name: str, **members: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(members)
    return module


def _import_without_botocore() -> None:
    """Import PynamoDB's one module that imports botocore, with stand-ins for what is large.

    The stand-ins are gone again afterwards: whoever imports botocore gets botocore.
    """
    import botocore
    from botocore.exceptions import ClientError

    parts: dict[str, ModuleType] = {
        "client": _stand_in("botocore.client", ClientError=ClientError),
        "config": _stand_in("botocore.config"),
        "session": _stand_in("botocore.session", get_session=_get_session, Session=object),
    }
    stand_ins = {module.__name__: module for module in parts.values()}
    stand_ins[_TYPES] = _stand_in(_TYPES, BotocoreBaseClientPrivate=object)
    package = vars(botocore)
    sys.modules.update(stand_ins)
    package.update(parts)
    try:
        base = import_module(_CONNECTION)
    finally:
        for name in stand_ins:
            del sys.modules[name]
        for name in parts:
            del package[name]
    vars(base)["botocore"] = _BotocoreWhenNeeded()


if "botocore.session" not in sys.modules and _CONNECTION not in sys.modules:
    _import_without_botocore()

from pynamodb.connection import Connection  # noqa: E402  after the stand-ins
from pynamodb.connection.table import TableConnection  # noqa: E402
from pynamodb.models import Model  # noqa: E402
from pynamodb.transactions import TransactWrite  # noqa: E402

__all__ = ["Model", "SharedConnection", "TableConnection", "TransactWrite"]


class SharedConnection(Connection):
    """A connection whose client is the one of all tables, made on first use."""

    @property
    def client(self) -> Any:
        """The client of the place where this connection was first used."""
        if self._client is None:
            self._client = tables_client(surroundings())
        return self._client
