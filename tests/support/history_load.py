"""Much history, made inside the database: creators who each broadcast once a day."""

from __future__ import annotations

from ayinel_live.history.database import Database

START = "2026-01-01 18:00+00"


def fill(database: Database, *, owners: int, days: int, minutes: int, sessions: int) -> None:
    """Fill the tables and let the planner look at them.

    Args:
        database: A migrated database without rows.
        owners: Creators.
        days: Days, with a stream each.
        minutes: Length of each stream.
        sessions: Views of each stream, each through the whole of it.
    """
    # Streams are numbered owner x 100 + day: ids keep the form of a ULID.
    streams = f"""
        SELECT 'owner-' || o AS owner_id,
            '01KE' || lpad((o * 100 + d)::text, 20, '0') || 'AA' AS stream_id,
            timestamptz '{START}' + d * interval '1 day' + (o % 6) * interval '1 hour' AS begun
        FROM generate_series(0, {owners - 1}) AS o, generate_series(0, {days - 1}) AS d
    """
    length = f"interval '{minutes} minutes'"
    watched = minutes * 60_000
    for statement in (
        f"""INSERT INTO streams SELECT stream_id, owner_id, 'A stream', begun, begun + {length},
            {sessions}, begun, {sessions}, {sessions}, 1, {sessions * watched}, 50, 2, 9, begun
            FROM ({streams}) AS s""",
        f"""INSERT INTO stream_minutes
            SELECT stream_id, begun + m * interval '1 minute', {sessions}, {sessions * 60_000},
                0, 0, 1, 0, 'healthy'
            FROM ({streams}) AS s, generate_series(0, {minutes - 1}) AS m""",
        f"""INSERT INTO stream_groups
            SELECT stream_id, dimension, 'g' || g, {sessions}
            FROM ({streams}) AS s, unnest(ARRAY['country', 'device']) AS dimension,
                generate_series(0, 4) AS g""",
        f"""INSERT INTO view_sessions
            SELECT stream_id, md5(owner_id || v)::uuid, 0, begun, begun + {length}, 'DE', 'mobile',
                ''
            FROM ({streams}) AS s, generate_series(1, {sessions}) AS v""",
        f"""INSERT INTO owner_viewers
            SELECT owner_id, viewer_key, min(started_at), max(started_at)
            FROM view_sessions JOIN ({streams}) AS s USING (stream_id)
            GROUP BY owner_id, viewer_key""",
        """INSERT INTO owner_hours
            SELECT owner_id, date_trunc('hour', minute), stream_id,
                sum(m.watched_ms), max(viewers_max)
            FROM stream_minutes AS m JOIN streams USING (stream_id) GROUP BY 1, 2, 3""",
        """INSERT INTO owner_days
            SELECT owner_id, (started_at AT TIME ZONE 'UTC')::date, count(*), sum(views),
                sum(unique_viewers), sum(new_viewers), sum(s.watched_ms), max(peak_viewers),
                sum(messages), sum(moderated_messages)
            FROM streams AS s GROUP BY 1, 2""",
        "ANALYZE",
    ):
        database.run(statement.encode())
