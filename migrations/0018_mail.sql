-- Email that comes back. A thread is one reader's side of one conversation: of a member of staff and one
-- notice (`code`), or of a parent's lane (`endpoint`, `address`) and a case. Its token stands in the address
-- that answers go to, and proves whose they are; `mailbox` is who has it.
CREATE TABLE mail_threads (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    token TEXT NOT NULL UNIQUE,
    mailbox TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    address TEXT NOT NULL,
    staff TEXT,
    case_id UUID,
    code BIGINT,
    used_at BIGINT NOT NULL
);
CREATE INDEX mail_threads_by_reader ON mail_threads (school_id, endpoint, address, mailbox);
CREATE INDEX mail_threads_by_case ON mail_threads (case_id) WHERE case_id IS NOT NULL;

-- What an email was besides its words, as JSON: whom it answers, what was left out of it.
ALTER TABLE messages ADD COLUMN mail TEXT;

-- By email a message leaves for a `mailbox` that need not be its lane's address, under the token that answers
-- to it bear, and `answers` the Message-ID of what was written to us. `choose`: its first way is still to be
-- chosen, by how this person wants to be reached.
ALTER TABLE outbox ADD COLUMN mailbox TEXT;
ALTER TABLE outbox ADD COLUMN reply_token TEXT;
ALTER TABLE outbox ADD COLUMN answers TEXT;
ALTER TABLE outbox ADD COLUMN choose BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX outbox_to_choose ON outbox (created_at) WHERE choose;
