-- +goose Up
-- Conversations and what they are folded from. message is the only lasting copy of what was written: WeCom tells it for
-- three days. seq grows by one; it is given out by the writer, in the order of commits.

CREATE TABLE customer (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    name_key      TEXT NOT NULL,
    search        TEXT NOT NULL,
    avatar_url    TEXT NOT NULL,
    picture_id    TEXT NOT NULL,
    gender        INTEGER NOT NULL,
    union_id      TEXT NOT NULL,
    first_at      BIGINT NOT NULL,
    last_at       BIGINT NOT NULL,
    profile_at    BIGINT NOT NULL,
    tried_at      BIGINT NOT NULL,
    profile_state TEXT NOT NULL,
    conversations BIGINT NOT NULL
);
CREATE INDEX customer_last ON customer (last_at, id);
CREATE INDEX customer_name ON customer (name_key, id);
CREATE INDEX customer_profile ON customer (profile_state, tried_at, id);
CREATE INDEX customer_picture ON customer (picture_id) WHERE picture_id <> '';

-- board_key is the place in the order of the board, and its range tells waiting, calm and ended ones apart; recent_key is
-- the same for the order by last message. search is the folded name and id of the customer and the preview. Nothing up to
-- erased_at is taken in again.
CREATE TABLE conversation (
    id               TEXT PRIMARY KEY,
    account_id       TEXT NOT NULL,
    customer_id      TEXT NOT NULL REFERENCES customer (id),
    state            INTEGER NOT NULL,
    servicer_id      TEXT NOT NULL,
    servicer_key     TEXT NOT NULL,
    state_at         BIGINT NOT NULL,
    waiting_since    BIGINT NOT NULL,
    last_customer_at BIGINT NOT NULL,
    last_at          BIGINT NOT NULL,
    entered_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    last_text        TEXT NOT NULL,
    last_kind        TEXT NOT NULL,
    last_origin      INTEGER NOT NULL,
    sent             INTEGER NOT NULL,
    scene            TEXT NOT NULL,
    scene_param      TEXT NOT NULL,
    visit_id         TEXT NOT NULL,
    rejected         BOOLEAN NOT NULL,
    messages         BIGINT NOT NULL,
    first_at         BIGINT NOT NULL,
    rev              BIGINT NOT NULL,
    folded_at        BIGINT NOT NULL,
    folded_seq       BIGINT NOT NULL,
    erased_at        BIGINT NOT NULL,
    board_key        BIGINT NOT NULL,
    recent_key       BIGINT NOT NULL,
    search           TEXT NOT NULL,
    UNIQUE (account_id, customer_id)
);
CREATE INDEX conversation_board ON conversation (board_key, id);
CREATE INDEX conversation_state ON conversation (state, board_key, id);
CREATE INDEX conversation_account ON conversation (account_id, board_key, id);
CREATE INDEX conversation_servicer ON conversation (servicer_key, board_key, id) WHERE servicer_key <> '';
CREATE INDEX conversation_recent ON conversation (recent_key, id);
CREATE INDEX conversation_account_recent ON conversation (account_id, recent_key, id);
CREATE INDEX conversation_servicer_recent ON conversation (servicer_key, recent_key, id) WHERE servicer_key <> '';
CREATE INDEX conversation_customer ON conversation (customer_id);
CREATE INDEX conversation_expiry ON conversation (expires_at, id) WHERE state < 4;

-- How many conversations there are, so that nobody counts the ended ones.
CREATE TABLE conversation_tally (
    account_id   TEXT NOT NULL,
    servicer_key TEXT NOT NULL,
    state        INTEGER NOT NULL,
    n            BIGINT NOT NULL,
    PRIMARY KEY (account_id, servicer_key, state)
);

-- conversation_id is null for an event of an account as a whole and for what could not be read.
CREATE TABLE message (
    seq             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL,
    account_id      TEXT NOT NULL,
    conversation_id TEXT REFERENCES conversation (id),
    at              BIGINT NOT NULL,
    origin          INTEGER NOT NULL,
    servicer_id     TEXT NOT NULL,
    operator_id     TEXT NOT NULL,
    operator_name   TEXT NOT NULL,
    kind            TEXT NOT NULL,
    text            TEXT NOT NULL,
    raw             TEXT NOT NULL,
    media_id        TEXT NOT NULL,
    delivery        TEXT NOT NULL,
    fail_type       INTEGER NOT NULL,
    recalled_at     BIGINT NOT NULL,
    coded           TEXT NOT NULL,
    UNIQUE (account_id, id)
);
CREATE INDEX message_conversation ON message (conversation_id, at, seq);
CREATE INDEX message_delivery ON message (delivery, seq) WHERE delivery IN ('sending', 'unknown');
CREATE INDEX message_unplaced ON message (kind, seq) WHERE conversation_id IS NULL;

-- A visit outlives the erasing of its customer as a number: both ids are empty then.
CREATE TABLE visit (
    id              TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL,
    account_id      TEXT NOT NULL,
    customer_id     TEXT NOT NULL,
    scene           TEXT NOT NULL,
    scene_param     TEXT NOT NULL,
    entered_at      BIGINT NOT NULL,
    wrote_at        BIGINT NOT NULL,
    queued_at       BIGINT NOT NULL,
    human_at        BIGINT NOT NULL,
    replied_at      BIGINT NOT NULL,
    ended_at        BIGINT NOT NULL,
    ended_by        TEXT NOT NULL,
    rating          TEXT NOT NULL
);
CREATE INDEX visit_conversation ON visit (conversation_id, entered_at, id) WHERE conversation_id <> '';
CREATE INDEX visit_entered ON visit (entered_at, account_id);
CREATE INDEX visit_account ON visit (account_id, scene, entered_at);
CREATE INDEX visit_scene ON visit (scene, entered_at);
CREATE INDEX visit_wrote ON visit (wrote_at, replied_at) WHERE wrote_at <> 0;

CREATE TABLE scene_name (
    scene    TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    note     TEXT NOT NULL,
    named_by TEXT NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX link_scene ON link (scene);

-- customer_hash is the SHA-256 of the customer's id, in hex.
CREATE TABLE erased (
    customer_hash TEXT PRIMARY KEY,
    at            BIGINT NOT NULL
);

CREATE TABLE sync_state (
    account_id  TEXT PRIMARY KEY,
    cursor      TEXT NOT NULL,
    ok_at       BIGINT NOT NULL,
    tried_at    BIGINT NOT NULL,
    not_before  BIGINT NOT NULL,
    error       TEXT NOT NULL,
    errcode     BIGINT NOT NULL,
    failures    BIGINT NOT NULL,
    lease_owner TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    messages    BIGINT NOT NULL
);

CREATE TABLE sync_request (
    account_id TEXT PRIMARY KEY,
    token      TEXT NOT NULL,
    token_at   BIGINT NOT NULL,
    asked_at   BIGINT NOT NULL,
    n          BIGINT NOT NULL
);

-- That something changed, not what. The last row is never deleted, so that seq never starts again.
CREATE TABLE change (
    seq   INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    ref   TEXT NOT NULL,
    at    BIGINT NOT NULL
);
CREATE INDEX change_at ON change (at);

CREATE TABLE callback_note (
    kind     TEXT PRIMARY KEY,
    count    BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at  BIGINT NOT NULL
);

-- code is emptied when it has been used or given up.
CREATE TABLE code (
    id              TEXT PRIMARY KEY,
    account_id      TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    customer_id     TEXT NOT NULL,
    scene           TEXT NOT NULL,
    code            TEXT NOT NULL,
    got_at          BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    state           TEXT NOT NULL,
    reason          TEXT NOT NULL,
    errcode         BIGINT NOT NULL,
    rule_id         TEXT NOT NULL,
    message_id      TEXT NOT NULL,
    done_at         BIGINT NOT NULL
);
CREATE INDEX code_open ON code (state, got_at, id) WHERE state IN ('due', 'sending');
CREATE INDEX code_got ON code (got_at, id);
CREATE INDEX code_account ON code (account_id, got_at, id);
CREATE INDEX code_conversation ON code (conversation_id, got_at, id);
CREATE INDEX code_scene ON code (scene, got_at, id);

CREATE TABLE reply_rule (
    id          TEXT PRIMARY KEY,
    account_id  TEXT NOT NULL,
    scene       TEXT NOT NULL,
    name        TEXT NOT NULL,
    days        INTEGER NOT NULL,
    from_minute INTEGER NOT NULL,
    to_minute   INTEGER NOT NULL,
    text        TEXT NOT NULL,
    menu        TEXT NOT NULL,
    enabled     BOOLEAN NOT NULL,
    rev         BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX reply_rule_scene ON reply_rule (scene, account_id, created_at, id);

-- The bytes are files named by their hash.
CREATE TABLE media (
    id              TEXT PRIMARY KEY,
    account_id      TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    message_id      TEXT NOT NULL,
    kind            TEXT NOT NULL,
    state           TEXT NOT NULL,
    mime            TEXT NOT NULL,
    name            TEXT NOT NULL,
    sha256          TEXT NOT NULL,
    bytes           BIGINT NOT NULL,
    wanted_at       BIGINT NOT NULL,
    kept_at         BIGINT NOT NULL,
    tried_at        BIGINT NOT NULL,
    tries           INTEGER NOT NULL
);
CREATE INDEX media_wanted ON media (state, wanted_at, id) WHERE state IN ('wanted', 'quota');
CREATE INDEX media_conversation ON media (conversation_id);
CREATE INDEX media_blob ON media (sha256, bytes) WHERE sha256 <> '';

-- Files that nobody needs any more, until they are gone.
CREATE TABLE blob_drop (
    sha256 TEXT PRIMARY KEY
);

-- What a run does beside its verb, as JSON.
ALTER TABLE run ADD COLUMN input TEXT NOT NULL DEFAULT '';
