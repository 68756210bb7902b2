CREATE TABLE outbox.message (
  sequence        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id              uuid NOT NULL UNIQUE,
  aggregate       text NOT NULL CHECK (length(aggregate) <= 512),
  bucket          smallint NOT NULL,
  destination     text NOT NULL,
  topic           text NOT NULL,
  key             text NOT NULL,
  headers         jsonb NOT NULL,
  payload         bytea NOT NULL CHECK (octet_length(payload) <= 65536),
  created_at      timestamptz NOT NULL,
  sent_at         timestamptz,
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  last_error      text
);

CREATE INDEX message_waiting ON outbox.message (bucket, sequence) WHERE sent_at IS NULL;
CREATE INDEX message_head ON outbox.message (aggregate, sequence) WHERE sent_at IS NULL;
CREATE INDEX message_sent ON outbox.message (sent_at) WHERE sent_at IS NOT NULL;

-- Anybody in a transaction may put a message in; only the relay, which is nobody's tenant, sees it.
ALTER TABLE outbox.message ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox.message FORCE ROW LEVEL SECURITY;
CREATE POLICY message_put ON outbox.message FOR INSERT WITH CHECK (true);
CREATE POLICY message_read ON outbox.message FOR SELECT USING (tenancy.is_platform());
CREATE POLICY message_mark ON outbox.message FOR UPDATE USING (tenancy.is_platform());
CREATE POLICY message_prune ON outbox.message FOR DELETE USING (tenancy.is_platform());

GRANT USAGE ON SCHEMA outbox TO ${app_role};
GRANT SELECT, INSERT, DELETE ON outbox.message TO ${app_role};
GRANT UPDATE (sent_at, attempts, next_attempt_at, last_error) ON outbox.message TO ${app_role};
