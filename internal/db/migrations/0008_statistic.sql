-- +goose Up
-- WeCom's figures of one Beijing day: day is its first moment. kind is 'corp' (people and assistant) or 'servicer' (people);
-- servicer_key is the folded userid, '' for the account as a whole. Without figures all of them are null; figures that the
-- kind does not have are null too, and a rate that could not be computed. raw is the answer's entry. A row that is not
-- final was fetched so early that WeCom may still change it.
CREATE TABLE statistic (
    account_id          TEXT NOT NULL,
    kind                TEXT NOT NULL,
    servicer_key        TEXT NOT NULL,
    day                 BIGINT NOT NULL,
    servicer_id         TEXT NOT NULL,
    sessions            BIGINT,
    customers           BIGINT,
    customer_messages   BIGINT,
    upgraded            BIGINT,
    rejected            BIGINT,
    ai_sessions         BIGINT,
    ai_transfer_rate    DOUBLE PRECISION,
    ai_hit_rate         DOUBLE PRECISION,
    reply_rate          DOUBLE PRECISION,
    first_reply_sec     DOUBLE PRECISION,
    surveys             BIGINT,
    participation_rate  DOUBLE PRECISION,
    satisfied_rate      DOUBLE PRECISION,
    middling_rate       DOUBLE PRECISION,
    dissatisfied_rate   DOUBLE PRECISION,
    member_invites      BIGINT,
    members_added       BIGINT,
    group_invites       BIGINT,
    groups_joined       BIGINT,
    raw                 TEXT NOT NULL,
    fetched_at          BIGINT NOT NULL,
    final               BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, kind, servicer_key, day)
);
CREATE INDEX statistic_servicer ON statistic (servicer_key, kind, day, account_id);
CREATE INDEX statistic_people ON statistic (account_id, kind, day, servicer_key) WHERE servicer_key <> '';
CREATE INDEX statistic_day ON statistic (kind, day, account_id, servicer_key) WHERE servicer_key <> '';

-- How far a series of days has been read, and how that goes: everything up to through, for good up to settled.
CREATE TABLE statistic_series (
    account_id   TEXT NOT NULL,
    kind         TEXT NOT NULL,
    servicer_key TEXT NOT NULL,
    servicer_id  TEXT NOT NULL,
    first_day    BIGINT NOT NULL,
    through      BIGINT NOT NULL,
    settled      BIGINT NOT NULL,
    ok_at        BIGINT NOT NULL,
    tried_at     BIGINT NOT NULL,
    not_before   BIGINT NOT NULL,
    error        TEXT NOT NULL,
    errcode      BIGINT NOT NULL,
    failures     BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind, servicer_key)
);
