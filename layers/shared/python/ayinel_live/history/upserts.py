"""INSERTs that may come again: each table's keys, columns and how rows are merged."""

from __future__ import annotations

from typing import LiteralString

from psycopg import sql

# Primary keys by table.
KEYS = {
    "view_sessions": ("stream_id", "viewer_key", "number"),
    "owner_viewers": ("owner_id", "viewer_key"),
    "stream_minutes": ("stream_id", "minute"),
    "stream_groups": ("stream_id", "dimension", "name"),
    "owner_hours": ("owner_id", "hour", "stream_id"),
    "owner_days": ("owner_id", "day"),
}
_COLUMNS = {
    "view_sessions": (
        *KEYS["view_sessions"],
        "started_at",
        "ended_at",
        "country",
        "device_class",
        "referrer_host",
    ),
    "owner_viewers": (*KEYS["owner_viewers"], "first_stream_at", "last_stream_at"),
    "stream_minutes": (
        *KEYS["stream_minutes"],
        "viewers_max",
        "watched_ms",
        "joins",
        "leaves",
        "messages",
        "moderated_messages",
        "health",
    ),
    "stream_groups": (*KEYS["stream_groups"], "views"),
    "owner_hours": (*KEYS["owner_hours"], "watched_ms", "viewers_max"),
}
# How a row that is there already takes the new one's values, where it is not simply replaced.
_MERGES: dict[str, LiteralString] = {
    "first_stream_at": "LEAST({table}.first_stream_at, EXCLUDED.first_stream_at)",
    "last_stream_at": "GREATEST({table}.last_stream_at, EXCLUDED.last_stream_at)",
}


def upsert_statement(table: str, rows: int) -> sql.Composed:
    """Return an INSERT of so many rows that replaces or merges what is there.

    Args:
        table: One of those in `KEYS` that have columns here.
        rows: How many rows the values will be for, each in the order of the columns.
    """
    columns = _COLUMNS[table]
    row = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(columns)))
    updates = [
        sql.SQL("{} = {}").format(sql.Identifier(column), _merged(table, column))
        for column in columns
        if column not in KEYS[table]
    ]
    return sql.SQL("INSERT INTO {} ({}) VALUES {} ON CONFLICT ({}) DO UPDATE SET {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join([row] * rows),
        sql.SQL(", ").join(map(sql.Identifier, KEYS[table])),
        sql.SQL(", ").join(updates),
    )


def _merged(table: str, column: str) -> sql.Composable:
    if column in _MERGES:
        return sql.SQL(_MERGES[column]).format(table=sql.Identifier(table))
    return sql.SQL("EXCLUDED.{}").format(sql.Identifier(column))
