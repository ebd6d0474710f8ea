-- +goose Up
-- One chain runs through audit_intent, audit_outcome and audit_note by seq, which is unique across the three. These
-- tables are only ever inserted into. v is the version of the encoding that was hashed.

CREATE TABLE audit_intent (
    seq           INTEGER PRIMARY KEY,
    v             INTEGER NOT NULL,
    id            TEXT NOT NULL UNIQUE,
    at            BIGINT NOT NULL,
    operator_id   TEXT NOT NULL,
    operator_name TEXT NOT NULL,
    ip            TEXT NOT NULL,
    action        TEXT NOT NULL,
    target_kind   TEXT NOT NULL,
    target_id     TEXT NOT NULL,
    target_name   TEXT NOT NULL,
    input_json    TEXT NOT NULL,
    before_json   TEXT NOT NULL,
    request_id    TEXT NOT NULL,
    undoes        TEXT NOT NULL,
    prev          TEXT NOT NULL,
    hash          TEXT NOT NULL
);
CREATE INDEX audit_intent_operator ON audit_intent (operator_name, seq);
CREATE INDEX audit_intent_action ON audit_intent (action, seq);
-- Of these kinds there are so many that a walk along the chain finds them as fast.
CREATE INDEX audit_intent_kind ON audit_intent (target_kind, seq)
    WHERE target_kind NOT IN ('account', 'servicer', 'link', 'session');
CREATE INDEX audit_intent_target ON audit_intent (target_id, seq);

-- The primary key is the intent: a second outcome is impossible. That seq is used only once in the three tables is no
-- constraint but part of what the chain proves; an index for it would cost every change a page.
CREATE TABLE audit_outcome (
    intent_seq INTEGER PRIMARY KEY REFERENCES audit_intent (seq),
    v          INTEGER NOT NULL,
    seq        BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    result     TEXT NOT NULL,
    errcode    BIGINT NOT NULL,
    errmsg     TEXT NOT NULL,
    hint       TEXT NOT NULL,
    from_ip    TEXT NOT NULL,
    remote_id  TEXT NOT NULL,
    after_json TEXT NOT NULL,
    prev       TEXT NOT NULL,
    hash       TEXT NOT NULL
);
CREATE INDEX audit_outcome_result ON audit_outcome (result, intent_seq) WHERE result <> 'done';

CREATE TABLE audit_note (
    seq           INTEGER PRIMARY KEY,
    v             INTEGER NOT NULL,
    id            TEXT NOT NULL UNIQUE,
    intent_seq    BIGINT NOT NULL REFERENCES audit_intent (seq),
    at            BIGINT NOT NULL,
    operator_id   TEXT NOT NULL,
    operator_name TEXT NOT NULL,
    body          TEXT NOT NULL,
    prev          TEXT NOT NULL,
    hash          TEXT NOT NULL
);
CREATE INDEX audit_note_intent ON audit_note (intent_seq, seq);

-- The end of the chain. hour is that of the last intent, for audit_span.
CREATE TABLE audit_head (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL,
    hour BIGINT NOT NULL
);
INSERT INTO audit_head (one, seq, hash, hour) VALUES (1, 0, '', -1);

-- Intents without an outcome, so that they are found without a scan.
CREATE TABLE audit_open (
    intent_seq INTEGER PRIMARY KEY REFERENCES audit_intent (seq),
    intent_id  TEXT NOT NULL,
    lock       TEXT UNIQUE,
    at         BIGINT NOT NULL
);

-- From seq on, until the next row, intents are of this hour (unix time / 3600 s). Written when the hour changes, clock
-- jumps included: turns a time range into a range of seq at no cost per intent.
CREATE TABLE audit_span (
    seq  INTEGER PRIMARY KEY,
    hour BIGINT NOT NULL
);
CREATE INDEX audit_span_hour ON audit_span (hour, seq);
