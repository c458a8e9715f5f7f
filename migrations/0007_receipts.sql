-- What providers said of messages, as they said it but for words and numbers: kept for seven days, to
-- see why one did not arrive.
CREATE TABLE receipts (
    id UUID PRIMARY KEY,
    endpoint TEXT NOT NULL,
    outbox UUID,
    at BIGINT NOT NULL,
    status TEXT NOT NULL,
    error TEXT,
    raw TEXT NOT NULL,
    part TEXT
);
CREATE INDEX receipts_by_message ON receipts (outbox, at);
CREATE INDEX receipts_by_age ON receipts (at);
