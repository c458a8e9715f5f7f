-- Sessions begun before this did not ask for a second step: whoever was signed in signs in once more.
DROP TABLE sessions;

-- Somebody who is signed in, or on the way: `stage` is code, set-up or in. `token` is the SHA-256 of what
-- the browser holds; `offered` is the secret of a second step that this browser was shown and has not
-- proved yet.
CREATE TABLE sessions (
    token BYTEA PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    school_id TEXT NOT NULL REFERENCES schools (id),
    staff TEXT NOT NULL,
    stage TEXT NOT NULL,
    browser TEXT NOT NULL,
    offered BYTEA,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_staff ON sessions (school_id, staff);

-- When somebody signed in last, by whatever way.
CREATE TABLE sign_ins (
    school_id TEXT NOT NULL REFERENCES schools (id),
    staff TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (school_id, staff)
);

-- What somebody's app makes codes from. A code of `last_step` or before was used already.
CREATE TABLE second_steps (
    school_id TEXT NOT NULL REFERENCES schools (id),
    staff TEXT NOT NULL,
    secret BYTEA NOT NULL,
    last_step BIGINT NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (school_id, staff)
);

-- The SHA-256 of each recovery code that is left; a code goes when it is used.
CREATE TABLE recovery_codes (
    school_id TEXT NOT NULL REFERENCES schools (id),
    staff TEXT NOT NULL,
    code BYTEA NOT NULL,
    PRIMARY KEY (school_id, staff, code)
);

-- A link by which somebody sets their password: the SHA-256 of its token. It goes when it is used.
CREATE TABLE invitations (
    token BYTEA PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    staff TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX invitations_by_staff ON invitations (school_id, staff);

-- Somebody who was sent to the sign-in page of their school account, and is expected back in the browser
-- that holds the token. Nobody knows yet whose they are.
CREATE TABLE detours (
    token BYTEA PRIMARY KEY,
    state TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    next TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
