-- How many events each pilot sent, in steps of ten seconds, each event once. The reader's positions stand beside the counts and change
-- in the same transaction.
CREATE TABLE ingest.event_count (
  pilot_id text NOT NULL,
  kind     text NOT NULL CHECK (kind IN ('telemetry', 'rejected')),
  step     timestamptz NOT NULL,
  events   bigint NOT NULL CHECK (events >= 0),
  PRIMARY KEY (pilot_id, kind, step)
);
CREATE INDEX event_count_step ON ingest.event_count (step);

-- To about a minute: a twin that reports all the time is not written all the time.
CREATE TABLE ingest.twin_seen (
  pilot_id text NOT NULL,
  twin_id  text NOT NULL,
  seen_at  timestamptz NOT NULL,
  PRIMARY KEY (pilot_id, twin_id)
);
CREATE INDEX twin_seen_at ON ingest.twin_seen (pilot_id, seen_at);

CREATE TABLE ingest.reader_position (
  topic     text NOT NULL,
  partition integer NOT NULL,
  position  bigint NOT NULL,
  PRIMARY KEY (topic, partition)
);

ALTER TABLE ingest.event_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE ingest.event_count FORCE ROW LEVEL SECURITY;
CREATE POLICY event_count_tenant ON ingest.event_count USING (tenancy.sees(pilot_id)) WITH CHECK (tenancy.sees(pilot_id));
ALTER TABLE ingest.twin_seen ENABLE ROW LEVEL SECURITY;
ALTER TABLE ingest.twin_seen FORCE ROW LEVEL SECURITY;
CREATE POLICY twin_seen_tenant ON ingest.twin_seen USING (tenancy.sees(pilot_id)) WITH CHECK (tenancy.sees(pilot_id));
ALTER TABLE ingest.reader_position ENABLE ROW LEVEL SECURITY;
ALTER TABLE ingest.reader_position FORCE ROW LEVEL SECURITY;
CREATE POLICY reader_position_platform ON ingest.reader_position USING (tenancy.is_platform()) WITH CHECK (tenancy.is_platform());

GRANT USAGE ON SCHEMA ingest TO ${app_role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ingest.event_count, ingest.twin_seen TO ${app_role};
GRANT SELECT, INSERT, UPDATE ON ingest.reader_position TO ${app_role};
