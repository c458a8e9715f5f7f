-- The message that a task is about: the task is over when the message arrives after all, or is sent again.
ALTER TABLE tasks ADD COLUMN outbox UUID;
CREATE INDEX tasks_by_outbox ON tasks (outbox) WHERE outbox IS NOT NULL AND done_at IS NULL;
