-- +goose Up
-- Common to all tables: ids are TEXT, times are BIGINT unix milliseconds (0 = never where not null), JSON is TEXT, every
-- statement is in the common subset of SQLite and PostgreSQL. A column called *_key or search holds folded text for
-- comparing and ordering.

CREATE TABLE operator (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    name_key      TEXT NOT NULL UNIQUE,
    role          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    locale        TEXT NOT NULL,
    theme         TEXT NOT NULL,
    zone          TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    password_at   BIGINT NOT NULL,
    disabled_at   BIGINT
);

CREATE TABLE session (
    hash        TEXT PRIMARY KEY,
    operator_id TEXT NOT NULL REFERENCES operator (id),
    ip          TEXT NOT NULL,
    user_agent  TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    seen_at     BIGINT NOT NULL
);
CREATE INDEX session_operator ON session (operator_id, created_at);

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
