-- What is kept of ended streams. Plain SQL that PostgreSQL and Aurora DSQL both take: no foreign
-- keys, no sequences, no partial indexes; indexes are built apart from tables.

CREATE TABLE IF NOT EXISTS streams (
    stream_id varchar(26) PRIMARY KEY,
    owner_id varchar(255) NOT NULL,
    title varchar(500) NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    peak_viewers integer NOT NULL,
    peak_at timestamptz,
    views integer NOT NULL,
    unique_viewers integer NOT NULL,
    new_viewers integer NOT NULL,
    watched_ms bigint NOT NULL,
    messages integer NOT NULL,
    moderated_messages integer NOT NULL,
    chatters integer NOT NULL,
    written_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS streams_of_owner ON streams (owner_id, started_at);

CREATE TABLE IF NOT EXISTS stream_minutes (
    stream_id varchar(26) NOT NULL,
    minute timestamptz NOT NULL,
    viewers_max integer NOT NULL,
    watched_ms bigint NOT NULL,
    joins integer NOT NULL,
    leaves integer NOT NULL,
    messages integer NOT NULL,
    moderated_messages integer NOT NULL,
    health varchar(16),
    PRIMARY KEY (stream_id, minute)
);

-- Views by country, device class, host of the page and length.
CREATE TABLE IF NOT EXISTS stream_groups (
    stream_id varchar(26) NOT NULL,
    dimension varchar(16) NOT NULL,
    name varchar(255) NOT NULL,
    views integer NOT NULL,
    PRIMARY KEY (stream_id, dimension, name)
);

-- `viewer_key` is a pseudonym: a digest of the viewer's id.
CREATE TABLE IF NOT EXISTS view_sessions (
    stream_id varchar(26) NOT NULL,
    viewer_key uuid NOT NULL,
    number smallint NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    country varchar(2) NOT NULL,
    device_class varchar(16) NOT NULL,
    referrer_host varchar(255) NOT NULL,
    PRIMARY KEY (stream_id, viewer_key, number)
);

CREATE INDEX IF NOT EXISTS view_sessions_of_viewer ON view_sessions (viewer_key);

-- When somebody first and last watched a creator: who is new and who came back.
CREATE TABLE IF NOT EXISTS owner_viewers (
    owner_id varchar(255) NOT NULL,
    viewer_key uuid NOT NULL,
    first_stream_at timestamptz NOT NULL,
    last_stream_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, viewer_key)
);

CREATE INDEX IF NOT EXISTS owner_viewers_of_viewer ON owner_viewers (viewer_key);

-- Rollups: what dashboards read.
CREATE TABLE IF NOT EXISTS owner_days (
    owner_id varchar(255) NOT NULL,
    day date NOT NULL,
    streams integer NOT NULL,
    views integer NOT NULL,
    unique_viewers integer NOT NULL,
    new_viewers integer NOT NULL,
    watched_ms bigint NOT NULL,
    peak_viewers integer NOT NULL,
    messages integer NOT NULL,
    moderated_messages integer NOT NULL,
    PRIMARY KEY (owner_id, day)
);

CREATE TABLE IF NOT EXISTS owner_hours (
    owner_id varchar(255) NOT NULL,
    hour timestamptz NOT NULL,
    stream_id varchar(26) NOT NULL,
    watched_ms bigint NOT NULL,
    viewers_max integer NOT NULL,
    PRIMARY KEY (owner_id, hour, stream_id)
);
