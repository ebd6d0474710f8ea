-- +goose Up
-- The mirror of WeCom. An account that WeCom no longer lists keeps its row with gone_at.

CREATE TABLE account (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    name_key     TEXT NOT NULL,
    search       TEXT NOT NULL,
    avatar_url   TEXT NOT NULL,
    picture_id   TEXT NOT NULL,
    managed      BOOLEAN,
    rev          BIGINT NOT NULL,
    serving      BIGINT NOT NULL,
    stopped      BIGINT NOT NULL,
    servicers    BIGINT NOT NULL,
    departments  BIGINT NOT NULL,
    links        BIGINT NOT NULL,
    first_seen   BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL,
    changed_at   BIGINT NOT NULL,
    renamed_at   BIGINT NOT NULL,
    gone_at      BIGINT,
    servicers_at BIGINT
);
CREATE INDEX account_name ON account (name_key, id) WHERE gone_at IS NULL;
CREATE INDEX account_servicers ON account (servicers, id) WHERE gone_at IS NULL;
CREATE INDEX account_links ON account (links, id) WHERE gone_at IS NULL;
CREATE INDEX account_changed ON account (changed_at, id) WHERE gone_at IS NULL;

-- BYTEA is what PostgreSQL calls it; SQLite keeps bytes as bytes in a column of any type.
CREATE TABLE picture (
    id   TEXT PRIMARY KEY,
    mime TEXT NOT NULL,
    data BYTEA NOT NULL
);

CREATE TABLE servicer (
    account_id TEXT NOT NULL REFERENCES account (id),
    kind       TEXT NOT NULL,
    member_key TEXT NOT NULL,
    member_id  TEXT NOT NULL,
    status     INTEGER,
    stop_type  INTEGER,
    seen_at    BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind, member_key)
);

CREATE TABLE department (
    id         BIGINT PRIMARY KEY,
    parent_id  BIGINT NOT NULL,
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL,
    search     TEXT NOT NULL,
    sort_order BIGINT NOT NULL,
    people     BIGINT NOT NULL
);

CREATE TABLE person (
    user_key TEXT PRIMARY KEY,
    user_id  TEXT NOT NULL,
    name     TEXT NOT NULL,
    name_key TEXT NOT NULL,
    search   TEXT NOT NULL,
    status   INTEGER NOT NULL
);
CREATE INDEX person_name ON person (name_key, user_key);

CREATE TABLE person_department (
    user_key      TEXT NOT NULL REFERENCES person (user_key),
    department_id BIGINT NOT NULL,
    PRIMARY KEY (user_key, department_id)
);
CREATE INDEX person_department_department ON person_department (department_id, user_key);

CREATE TABLE freshness (
    topic    TEXT PRIMARY KEY,
    ok_at    BIGINT,
    tried_at BIGINT,
    error    TEXT NOT NULL,
    errcode  BIGINT NOT NULL
);
