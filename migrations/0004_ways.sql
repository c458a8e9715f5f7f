-- A message leaves by one of the school's ways, and may come back by another than its lane's: `endpoint`
-- is the lane, `planned` the number or bot it is to leave by, `via` the one that really carried it. What makes a repeat harmless is the
-- provider's id at the endpoint that heard it, so the key of `messages` moves to `via`. SQLite cannot
-- drop a key; the table is made anew.
CREATE TABLE messages_by_way (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    endpoint TEXT NOT NULL,
    via TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    address TEXT NOT NULL,
    body BYTEA NOT NULL,
    media TEXT NOT NULL,
    proved_phone TEXT,
    sent_at BIGINT,
    received_at BIGINT NOT NULL,
    caught_up BOOLEAN NOT NULL,
    screened_at BIGINT,
    verdict TEXT,
    safeguarding_case UUID,
    processed_at BIGINT,
    failures BIGINT NOT NULL,
    retry_at BIGINT,
    UNIQUE (via, provider_id)
);
INSERT INTO messages_by_way
SELECT id, school_id, endpoint, endpoint, provider_id, address, body, media, proved_phone, sent_at, received_at,
       caught_up, screened_at, verdict, safeguarding_case, processed_at, failures, retry_at
FROM messages;
DROP TABLE messages;
ALTER TABLE messages_by_way RENAME TO messages;
CREATE INDEX messages_unscreened ON messages (received_at) WHERE screened_at IS NULL;
CREATE INDEX messages_unprocessed ON messages (endpoint, address, received_at) WHERE processed_at IS NULL;
CREATE INDEX messages_by_lane ON messages (endpoint, address, received_at);

-- `cost` is in millionths of the currency's unit, once a provider has taken the message; `instead_of` is
-- the message that this one was sent in place of, because it could not be sent that way; from `stale_at`
-- on it is no longer true, and is withdrawn. What is `fixed` leaves as planned, and nothing stands in.
ALTER TABLE outbox ADD COLUMN via TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN planned TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN fixed BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE outbox ADD COLUMN cost BIGINT;
ALTER TABLE outbox ADD COLUMN instead_of UUID;
ALTER TABLE outbox ADD COLUMN stale_at BIGINT;
UPDATE outbox SET via = endpoint, planned = endpoint;
DROP INDEX outbox_due;
DROP INDEX outbox_by_provider_id;
CREATE INDEX outbox_due ON outbox (planned, priority, due_at, id) WHERE status = 'queued';
CREATE INDEX outbox_stale ON outbox (stale_at) WHERE status = 'queued' AND stale_at IS NOT NULL;
CREATE INDEX outbox_on_its_way ON outbox (endpoint, address, id) WHERE status IN ('queued', 'sending');
CREATE INDEX outbox_by_provider_id ON outbox (via, provider_id);
CREATE INDEX outbox_by_instead_of ON outbox (instead_of) WHERE instead_of IS NOT NULL;
CREATE INDEX outbox_by_case ON outbox (case_id, created_at) WHERE case_id IS NOT NULL;
CREATE INDEX outbox_by_stand_in ON outbox (via, address, created_at) WHERE via <> endpoint;

-- A provider that keeps failing is set aside until `rests_until`, and another of the school's takes over.
CREATE TABLE endpoint_health (
    endpoint TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    failing_since BIGINT NOT NULL,
    rests_until BIGINT,
    why TEXT NOT NULL
);

-- What a school has spent on texts in a month (`2026-12`), in millionths; `warned` is the share of the
-- budget, in hundredths, that the office was last told of.
CREATE TABLE spending (
    school_id TEXT NOT NULL REFERENCES schools (id),
    month TEXT NOT NULL,
    cost BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    warned BIGINT NOT NULL,
    PRIMARY KEY (school_id, month)
);
