-- +goose Up
-- A run is a chunked change of servicers; its id is that of its intent.

CREATE TABLE run (
    id          TEXT PRIMARY KEY,
    account_id  TEXT NOT NULL,
    verb        TEXT NOT NULL,
    operator_id TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX run_open ON run (created_at, id) WHERE finished_at IS NULL;

CREATE TABLE run_item (
    run_id    TEXT NOT NULL REFERENCES run (id),
    pos       INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    member_id TEXT NOT NULL,
    name      TEXT NOT NULL,
    state     TEXT NOT NULL,
    errcode   BIGINT NOT NULL,
    errmsg    TEXT NOT NULL,
    PRIMARY KEY (run_id, pos)
);
CREATE INDEX run_item_state ON run_item (run_id, state, pos);
