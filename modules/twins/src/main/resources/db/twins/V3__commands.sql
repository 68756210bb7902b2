-- A desired change that a newer one took the place of.
ALTER TABLE twins.command DROP CONSTRAINT command_state_check;
ALTER TABLE twins.command ADD CONSTRAINT command_state_check
  CHECK (state IN ('pending', 'delivered', 'succeeded', 'failed', 'timed_out', 'superseded'));

-- How many are open for a twin, which a device should get, which have run out of time, which are old enough to go, and the desired change
-- that the next one follows.
CREATE INDEX command_open_twin ON twins.command (pilot_id, twin_id) WHERE state IN ('pending', 'delivered');
CREATE INDEX command_open_device ON twins.command (pilot_id, device) WHERE state IN ('pending', 'delivered');
CREATE INDEX command_expiry ON twins.command (expires_at) WHERE state IN ('pending', 'delivered');
CREATE INDEX command_ended ON twins.command (pilot_id, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX command_desired ON twins.command (pilot_id, twin_id, created_at DESC, command_id DESC) WHERE name = '$desired';
