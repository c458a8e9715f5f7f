-- Until `wait_until` the provider has asked us to wait.
ALTER TABLE outbox ADD COLUMN wait_until BIGINT;

-- A part belongs to a school, waits for the others until `due_at`, and keeps no words once they stand in a
-- message. What waited when this was added is due: `received_at` has passed.
ALTER TABLE parts ADD COLUMN school_id TEXT;
UPDATE parts SET school_id = (SELECT MIN(school_id) FROM lanes WHERE lanes.endpoint = parts.endpoint);
ALTER TABLE parts RENAME COLUMN received_at TO due_at;
