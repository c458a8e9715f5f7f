-- The common subset of SQLite and PostgreSQL: TEXT, BIGINT (also instants, in microseconds since
-- 1970), BOOLEAN, UUID, BYTEA, JSON as TEXT. Every row that belongs to a school says so.

CREATE TABLE schools (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    next_case BIGINT NOT NULL
);

-- Sign-ins. Who the staff are stands in the school's people file.
CREATE TABLE accounts (
    school_id TEXT NOT NULL REFERENCES schools (id),
    staff TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (school_id, staff)
);

-- The office's two answers about an adult who had not been checked.
CREATE TABLE checks (
    school_id TEXT NOT NULL REFERENCES schools (id),
    adult TEXT NOT NULL,
    phone TEXT NOT NULL,
    current_contact BOOLEAN NOT NULL,
    order_or_note BOOLEAN NOT NULL,
    staff TEXT NOT NULL,
    checked_at BIGINT NOT NULL,
    PRIMARY KEY (school_id, adult, phone)
);

-- One person's thread at one endpoint: the lane its messages are taken in, in order.
CREATE TABLE lanes (
    endpoint TEXT NOT NULL,
    address TEXT NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id),
    language TEXT,
    proved_phone TEXT,
    stopped_at BIGINT,
    wrong_at BIGINT,
    sealed BOOLEAN NOT NULL,
    conversation TEXT,
    bundle TEXT,
    expires_at BIGINT,
    draft TEXT,
    PRIMARY KEY (endpoint, address)
);
CREATE INDEX lanes_by_expiry ON lanes (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE messages (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    endpoint TEXT NOT NULL,
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
    UNIQUE (endpoint, provider_id)
);
CREATE INDEX messages_unscreened ON messages (received_at) WHERE screened_at IS NULL;
CREATE INDEX messages_unprocessed ON messages (endpoint, address, received_at) WHERE processed_at IS NULL;

-- What the desk or a timer says in a lane: it passes through the lane like a message does.
CREATE TABLE cues (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    endpoint TEXT NOT NULL,
    address TEXT NOT NULL,
    case_id UUID,
    flow TEXT NOT NULL,
    entry TEXT,
    given TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    done_at BIGINT
);
CREATE INDEX cues_due ON cues (due_at) WHERE done_at IS NULL;

-- What a turn was given and what came of it: enough to play a conversation again.
CREATE TABLE turns (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    endpoint TEXT NOT NULL,
    address TEXT NOT NULL,
    message UUID,
    at BIGINT NOT NULL,
    bundle TEXT NOT NULL,
    record TEXT NOT NULL
);

CREATE TABLE bundles (
    hash TEXT PRIMARY KEY,
    sources TEXT NOT NULL,
    stored_at BIGINT NOT NULL
);

CREATE TABLE cases (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    tier TEXT NOT NULL,
    state TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    address TEXT NOT NULL,
    adult TEXT,
    pupil TEXT,
    owner TEXT,
    copied TEXT NOT NULL,
    barred TEXT NOT NULL,
    wish TEXT,
    about TEXT,
    note BOOLEAN NOT NULL,
    opened_at BIGINT NOT NULL,
    touched_at BIGINT NOT NULL,
    acknowledged_at BIGINT,
    acknowledged_by TEXT,
    staff_wrote_at BIGINT,
    staff_wrote TEXT,
    told_at BIGINT,
    escalate_at BIGINT,
    escalations BIGINT NOT NULL,
    closed_at BIGINT,
    entries BIGINT NOT NULL,
    head BYTEA NOT NULL,
    UNIQUE (school_id, number)
);
CREATE INDEX cases_by_address ON cases (endpoint, address, touched_at);
CREATE INDEX cases_to_escalate ON cases (escalate_at) WHERE escalate_at IS NOT NULL;

-- The chronology. Nothing here is ever updated or deleted but for lawful erasure of body and salt.
CREATE TABLE entries (
    case_id UUID NOT NULL REFERENCES cases (id),
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    author TEXT NOT NULL,
    audience TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    entered_at BIGINT NOT NULL,
    message UUID,
    corrects BIGINT,
    salt BYTEA,
    body BYTEA,
    digest BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (case_id, seq)
);

CREATE TABLE promises (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    case_id UUID NOT NULL REFERENCES cases (id),
    what TEXT NOT NULL,
    who TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    admitted_at BIGINT,
    kept_at BIGINT,
    kept_by TEXT,
    broken_at BIGINT
);
CREATE INDEX promises_by_case ON promises (case_id);
CREATE INDEX promises_open ON promises (due_at) WHERE kept_at IS NULL AND broken_at IS NULL;

-- What one member of staff is told of one case: a code of its own, told at `next_at`.
CREATE TABLE notices (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    case_id UUID NOT NULL REFERENCES cases (id),
    staff TEXT NOT NULL,
    code BIGINT NOT NULL,
    kind TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    next_at BIGINT,
    digest BOOLEAN NOT NULL,
    sent_at BIGINT,
    acknowledged_at BIGINT,
    closed_at BIGINT
);
CREATE UNIQUE INDEX notices_by_code ON notices (school_id, staff, code) WHERE closed_at IS NULL;
CREATE INDEX notices_by_case ON notices (case_id);
CREATE INDEX notices_due ON notices (next_at) WHERE next_at IS NOT NULL;

-- The page that repeats until a safeguarding entry is opened, signed in.
CREATE TABLE alerts (
    case_id UUID PRIMARY KEY REFERENCES cases (id),
    school_id TEXT NOT NULL REFERENCES schools (id),
    level TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    pages BIGINT NOT NULL,
    last_page_at BIGINT NOT NULL,
    next_page_at BIGINT,
    head_at BIGINT,
    read_at BIGINT,
    read_by TEXT
);
CREATE INDEX alerts_due ON alerts (next_page_at) WHERE next_page_at IS NOT NULL;

-- What a person at school has to do that no case's owner does: hand-overs, the two questions,
-- somebody to phone, a delivery that failed.
CREATE TABLE tasks (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    kind TEXT NOT NULL,
    role TEXT NOT NULL,
    staff TEXT,
    case_id UUID,
    endpoint TEXT NOT NULL,
    address TEXT NOT NULL,
    words TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT,
    done_at BIGINT,
    done_by TEXT
);
CREATE INDEX tasks_open ON tasks (school_id, created_at) WHERE done_at IS NULL;

CREATE TABLE outbox (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    endpoint TEXT NOT NULL,
    address TEXT NOT NULL,
    purpose TEXT NOT NULL,
    body TEXT NOT NULL,
    subject TEXT,
    buttons TEXT NOT NULL,
    ask_contact BOOLEAN NOT NULL,
    case_id UUID,
    meeting UUID,
    staff TEXT,
    encoding TEXT NOT NULL,
    parts BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    first_try_at BIGINT,
    lease_until BIGINT,
    settled_at BIGINT,
    provider_id TEXT,
    error TEXT
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE status = 'queued';
CREATE INDEX outbox_sending ON outbox (lease_until) WHERE status = 'sending';
CREATE INDEX outbox_by_address ON outbox (endpoint, address, created_at);
CREATE INDEX outbox_by_provider_id ON outbox (endpoint, provider_id);

CREATE TABLE meetings (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    case_id UUID NOT NULL REFERENCES cases (id),
    endpoint TEXT NOT NULL,
    address TEXT NOT NULL,
    adult TEXT,
    pupil TEXT,
    staff TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    mode TEXT NOT NULL,
    state TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    booked_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX meetings_by_address ON meetings (endpoint, address, starts_at);
CREATE INDEX meetings_by_start ON meetings (school_id, starts_at);

-- A row for every five minutes of every person: the database itself refuses a double booking.
CREATE TABLE taken (
    school_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    quantum BIGINT NOT NULL,
    meeting UUID NOT NULL REFERENCES meetings (id),
    PRIMARY KEY (school_id, resource, quantum)
);
CREATE INDEX taken_by_meeting ON taken (meeting);

CREATE TABLE offers (
    school_id TEXT NOT NULL,
    slot TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    address TEXT NOT NULL,
    offered_at BIGINT NOT NULL,
    PRIMARY KEY (school_id, slot, endpoint, address)
);

CREATE TABLE sessions (
    token BYTEA PRIMARY KEY,
    school_id TEXT NOT NULL,
    staff TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

CREATE TABLE audit (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    staff TEXT NOT NULL,
    did TEXT NOT NULL,
    case_id UUID
);

-- How an adult wants to be reached, as they said it: each change is a version of its own.
CREATE TABLE passports (
    school_id TEXT NOT NULL REFERENCES schools (id),
    adult TEXT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    case_id UUID NOT NULL REFERENCES cases (id),
    fields TEXT NOT NULL,
    PRIMARY KEY (school_id, adult, version)
);

-- What somebody asked to be told of: events, news, surveys.
CREATE TABLE subscriptions (
    school_id TEXT NOT NULL REFERENCES schools (id),
    endpoint TEXT NOT NULL,
    address TEXT NOT NULL,
    topic TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (endpoint, address, topic)
);

-- Who comes to an event of the noticeboard.
CREATE TABLE rsvps (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    address TEXT NOT NULL,
    adult TEXT,
    answer TEXT NOT NULL,
    needs TEXT,
    at BIGINT NOT NULL,
    UNIQUE (school_id, event, endpoint, address)
);

-- A row for every place that is taken: the database itself refuses one too many.
CREATE TABLE seats (
    school_id TEXT NOT NULL,
    event TEXT NOT NULL,
    seat BIGINT NOT NULL,
    rsvp UUID NOT NULL REFERENCES rsvps (id),
    PRIMARY KEY (school_id, event, seat)
);
CREATE UNIQUE INDEX seats_by_rsvp ON seats (rsvp);

-- How often something was asked for, with no name: SENDIASS by council.
CREATE TABLE counts (
    school_id TEXT NOT NULL,
    what TEXT NOT NULL,
    day TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (school_id, what, day)
);

-- How far an endpoint's provider has been read.
CREATE TABLE endpoints (
    endpoint TEXT PRIMARY KEY,
    read_until BIGINT NOT NULL,
    next_offset BIGINT NOT NULL
);
