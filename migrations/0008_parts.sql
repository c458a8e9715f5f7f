-- Parts of long texts, from providers that hand each over by itself, until they are joined. Kept
-- afterwards: a part that comes again is known by its id.
CREATE TABLE parts (
    endpoint TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    address TEXT NOT NULL,
    reference TEXT NOT NULL,
    n BIGINT NOT NULL,
    total BIGINT NOT NULL,
    body BYTEA NOT NULL,
    sent_at BIGINT,
    received_at BIGINT NOT NULL,
    joined_at BIGINT,
    PRIMARY KEY (endpoint, provider_id)
);
CREATE INDEX parts_waiting ON parts (received_at) WHERE joined_at IS NULL;
