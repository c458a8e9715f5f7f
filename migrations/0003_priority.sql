-- What leaves first among messages that are due: alerts about a child, then answers to somebody who
-- just wrote, then what the school says, then reminders. A long queue of the last must not hold up
-- the first, so the order stands in an index.
ALTER TABLE outbox ADD COLUMN priority BIGINT NOT NULL DEFAULT 2;
UPDATE outbox SET priority = CASE purpose
  WHEN 'safeguarding' THEN 0 WHEN 'answer' THEN 1 WHEN 'reminder' THEN 3 ELSE 2 END;
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (priority, due_at, id) WHERE status = 'queued';
