-- What people say of a twin. A row is there for every twin, also for one that nobody made by hand and that reported by itself.
CREATE TABLE twins.twin (
  pilot_id   text NOT NULL,
  twin_id    text NOT NULL,
  model      text,
  attributes jsonb NOT NULL DEFAULT '{}',
  desired    jsonb NOT NULL DEFAULT '{}',
  revision   bigint NOT NULL CHECK (revision > 0),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (pilot_id, twin_id)
);
CREATE INDEX twin_model ON twins.twin (pilot_id, model, twin_id) WHERE model IS NOT NULL;

-- What it reported last: apart from the above, so that a busy stream and people do not wait for one another. The text is canonical (names
-- in order, no spaces), so that two folds of one stretch of the log are the same bytes.
CREATE TABLE twins.state (
  pilot_id    text NOT NULL,
  twin_id     text NOT NULL,
  properties  text NOT NULL,
  reported_at timestamptz NOT NULL,
  device      text,
  PRIMARY KEY (pilot_id, twin_id)
) WITH (fillfactor = 70);

-- What a twin reported before it was retired does not bring it back.
CREATE TABLE twins.retired (
  pilot_id   text NOT NULL,
  twin_id    text NOT NULL,
  retired_at timestamptz NOT NULL,
  PRIMARY KEY (pilot_id, twin_id)
);

-- One row a report.
CREATE TABLE twins.reading (
  pilot_id text NOT NULL,
  twin_id  text NOT NULL,
  time     timestamptz NOT NULL,
  props    jsonb NOT NULL
);
CREATE INDEX reading_time ON twins.reading (pilot_id, twin_id, time);
CREATE INDEX reading_age ON twins.reading USING brin (time);

-- Numbers summed up by the minute, the hour and the day (step, in seconds), each report once.
CREATE TABLE twins.rollup (
  pilot_id  text NOT NULL,
  twin_id   text NOT NULL,
  property  text NOT NULL,
  step      integer NOT NULL CHECK (step IN (60, 3600, 86400)),
  bucket    timestamptz NOT NULL,
  low       double precision NOT NULL,
  high      double precision NOT NULL,
  total     double precision NOT NULL,
  count     bigint NOT NULL,
  last      double precision NOT NULL,
  last_time timestamptz NOT NULL,
  PRIMARY KEY (pilot_id, twin_id, property, step, bucket)
) WITH (fillfactor = 80);
CREATE INDEX rollup_age ON twins.rollup USING brin (bucket);

-- The digital thread.
CREATE TABLE twins.fact (
  pilot_id text NOT NULL,
  twin_id  text NOT NULL,
  id       text NOT NULL,
  time     timestamptz NOT NULL,
  type     text NOT NULL,
  actor    text,
  data     jsonb NOT NULL,
  PRIMARY KEY (pilot_id, twin_id, id)
);
CREATE INDEX fact_time ON twins.fact (pilot_id, twin_id, time DESC, id DESC);

CREATE TABLE twins.command (
  pilot_id        text NOT NULL,
  command_id      text NOT NULL,
  twin_id         text NOT NULL,
  device          text,
  name            text NOT NULL,
  input           jsonb,
  state           text NOT NULL CHECK (state IN ('pending', 'delivered', 'succeeded', 'failed', 'timed_out')),
  output          jsonb,
  error           text,
  sent_by         text NOT NULL,
  created_at      timestamptz NOT NULL,
  delivered_at    timestamptz,
  ended_at        timestamptz,
  expires_at      timestamptz NOT NULL,
  next_attempt_at timestamptz NOT NULL,
  PRIMARY KEY (pilot_id, command_id)
);
CREATE INDEX command_twin ON twins.command (pilot_id, twin_id, created_at DESC, command_id DESC);
CREATE INDEX command_open ON twins.command (next_attempt_at) WHERE state IN ('pending', 'delivered');

-- How far each reader of this room has got; changes with its effects in one transaction.
CREATE TABLE twins.reader_position (
  reader    text NOT NULL,
  topic     text NOT NULL,
  partition integer NOT NULL,
  position  bigint NOT NULL,
  PRIMARY KEY (reader, topic, partition)
);

DO $$
DECLARE each text;
BEGIN
  FOREACH each IN ARRAY ARRAY['twin', 'state', 'retired', 'reading', 'rollup', 'fact', 'command'] LOOP
    EXECUTE format('ALTER TABLE twins.%I ENABLE ROW LEVEL SECURITY', each);
    EXECUTE format('ALTER TABLE twins.%I FORCE ROW LEVEL SECURITY', each);
    EXECUTE format('CREATE POLICY tenant ON twins.%I USING (tenancy.sees(pilot_id)) WITH CHECK (tenancy.sees(pilot_id))', each);
  END LOOP;
END $$;
ALTER TABLE twins.reader_position ENABLE ROW LEVEL SECURITY;
ALTER TABLE twins.reader_position FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON twins.reader_position USING (tenancy.is_platform()) WITH CHECK (tenancy.is_platform());

GRANT USAGE ON SCHEMA twins TO ${app_role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA twins TO ${app_role};
