-- +goose Up

CREATE TABLE link (
    id              TEXT PRIMARY KEY,
    account_id      TEXT NOT NULL REFERENCES account (id),
    scene           TEXT NOT NULL,
    name            TEXT NOT NULL,
    name_key        TEXT NOT NULL,
    account_key     TEXT NOT NULL,
    search          TEXT NOT NULL,
    campaign        TEXT NOT NULL,
    note            TEXT NOT NULL,
    url             TEXT NOT NULL,
    created_by      TEXT NOT NULL,
    created_by_name TEXT NOT NULL,
    rev             BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    archived        BOOLEAN NOT NULL,
    archived_at     BIGINT
);
CREATE INDEX link_created ON link (archived, created_at, id);
CREATE INDEX link_name ON link (archived, name_key, id);
CREATE INDEX link_by_account ON link (archived, account_key, id);
CREATE INDEX link_changed ON link (archived, updated_at, id);
CREATE INDEX link_account ON link (account_id, archived, created_at, id);
CREATE INDEX link_campaign ON link (campaign, archived, created_at, id);
