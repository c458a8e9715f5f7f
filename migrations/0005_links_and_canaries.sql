-- A code that was texted to a phone, to be typed by whoever says on Telegram that it is theirs. Kept
-- for a day after it is over, to count how many were asked for.
CREATE TABLE link_codes (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    endpoint TEXT NOT NULL,
    address TEXT NOT NULL,
    phone TEXT NOT NULL,
    code TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    over BOOLEAN NOT NULL
);
CREATE INDEX link_codes_by_lane ON link_codes (endpoint, address, sent_at);
CREATE INDEX link_codes_by_phone ON link_codes (school_id, phone, sent_at);

-- The text that the service sends to a number of its own each school day, to know that texts still
-- arrive. `next_at` is when it is sent next, or when the one on its way is overdue.
CREATE TABLE canaries (
    endpoint TEXT PRIMARY KEY,
    code TEXT NOT NULL,
    sent_at BIGINT,
    heard_at BIGINT,
    missed_at BIGINT,
    next_at BIGINT NOT NULL
);
