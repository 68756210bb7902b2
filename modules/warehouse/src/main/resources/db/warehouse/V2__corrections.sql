-- The policies hold for the owner too: what stands in the tables already is changed for all pilots.
SELECT set_config('pilothouse.platform', 'on', true);

-- A closed day is revision 1; each later one is a correction of what came after the one before.
ALTER TABLE warehouse.dump
  ADD COLUMN redrive_rejects boolean NOT NULL DEFAULT false,
  -- The newest revision before it that has a dataset.
  ADD COLUMN amends_revision integer,
  ADD COLUMN amends_dataset  text,
  ADD COLUMN redriven        bigint NOT NULL DEFAULT 0,
  -- What is still rejected of the day, this revision and those before it together.
  ADD COLUMN rejects_left    bigint NOT NULL DEFAULT 0,
  -- How many lines its log has had; the numbers that are missing were dropped out of its middle.
  ADD COLUMN lines           integer NOT NULL DEFAULT 0;

UPDATE warehouse.dump SET rejects_left = rejected WHERE state IN ('complete', 'incomplete');

ALTER TABLE warehouse.dump DROP CONSTRAINT dump_close_reason_check;
ALTER TABLE warehouse.dump ADD CONSTRAINT dump_close_reason_check
  CHECK (close_reason IN ('watermarks', 'idle_partitions', 'deadline', 'requested', 'late_events'));
ALTER TABLE warehouse.dump ADD CONSTRAINT dump_amends_check
  CHECK ((revision = 1) = (amends_revision IS NULL) AND (amends_revision IS NULL) = (amends_dataset IS NULL));
-- A correction that found nothing is closed without a dataset.
ALTER TABLE warehouse.dump DROP CONSTRAINT dump_check;
ALTER TABLE warehouse.dump DROP CONSTRAINT dump_check1;
ALTER TABLE warehouse.dump ADD CONSTRAINT dump_closed_check
  CHECK (state NOT IN ('complete', 'incomplete') OR (plan IS NOT NULL AND (dataset_id IS NOT NULL OR revision > 1)));
ALTER TABLE warehouse.dump ADD CONSTRAINT dump_frozen_check
  CHECK (frozen_at IS NULL OR (plan IS NOT NULL AND (dataset_id IS NULL) = (prefix IS NULL)));

ALTER TABLE warehouse.share
  ADD COLUMN started_at    timestamptz,
  ADD COLUMN finished_at   timestamptz,
  -- Records that earlier revisions had rejected: how many were read again, became events, are still rejected.
  ADD COLUMN redrive_taken    bigint NOT NULL DEFAULT 0,
  ADD COLUMN redrive_events   bigint NOT NULL DEFAULT 0,
  ADD COLUMN redrive_rejected bigint NOT NULL DEFAULT 0;

-- What a run tells of itself; the middle of a long one is dropped.
CREATE TABLE warehouse.line (
  pilot_id  text NOT NULL,
  date      date NOT NULL,
  revision  integer NOT NULL,
  number    integer NOT NULL,
  at        timestamptz NOT NULL,
  level     text NOT NULL CHECK (level IN ('info', 'warn', 'error')),
  step      text,
  partition integer,
  text      text NOT NULL,
  PRIMARY KEY (pilot_id, date, revision, number),
  FOREIGN KEY (pilot_id, date, revision) REFERENCES warehouse.dump (pilot_id, date, revision)
);

-- How far the topic was looked through for late events. A revision that is closed sets it back to the end of what it
-- read and raises the generation, so that whoever looked without knowing of it notes nothing down.
CREATE TABLE warehouse.late_scan (
  pilot_id    text NOT NULL,
  partition   integer NOT NULL,
  scanned_to  bigint NOT NULL CHECK (scanned_to >= 0),
  generation  bigint NOT NULL DEFAULT 0,
  next_look   timestamptz NOT NULL,
  PRIMARY KEY (pilot_id, partition)
);
CREATE INDEX late_scan_due ON warehouse.late_scan (next_look);

-- Records of a closed day behind what its revisions have read. What stands before counted_to is counted already.
CREATE TABLE warehouse.late (
  pilot_id   text NOT NULL,
  date       date NOT NULL,
  partition  integer NOT NULL,
  records    bigint NOT NULL CHECK (records > 0),
  counted_to bigint NOT NULL,
  PRIMARY KEY (pilot_id, date, partition)
);

INSERT INTO warehouse.late_scan (pilot_id, partition, scanned_to, next_look)
  SELECT s.pilot_id, s.partition, min(s.to_offset), now() FROM warehouse.share s
    JOIN warehouse.dump d USING (pilot_id, date, revision)
    WHERE d.state IN ('complete', 'incomplete') GROUP BY s.pilot_id, s.partition;

-- When late events become a correction; nightly where nothing stands here.
CREATE TABLE warehouse.policy (
  pilot_id    text PRIMARY KEY,
  corrections text NOT NULL CHECK (corrections IN ('hourly', 'nightly', 'threshold', 'manual')),
  threshold   bigint CHECK (threshold > 0),
  revision    bigint NOT NULL,
  updated_at  timestamptz NOT NULL,
  CHECK ((corrections = 'threshold') = (threshold IS NOT NULL))
);

CREATE TABLE warehouse.backfill (
  pilot_id     text NOT NULL,
  backfill_id  text NOT NULL,
  from_date    date NOT NULL,
  to_date      date NOT NULL CHECK (to_date >= from_date),
  state        text NOT NULL CHECK (state IN ('running', 'complete', 'failed', 'cancelled')),
  requested_by text NOT NULL,
  created_at   timestamptz NOT NULL,
  finished_at  timestamptz,
  PRIMARY KEY (pilot_id, backfill_id),
  CHECK ((state = 'running') = (finished_at IS NULL))
);
CREATE UNIQUE INDEX backfill_open ON warehouse.backfill (pilot_id) WHERE state = 'running';

CREATE TABLE warehouse.backfill_day (
  pilot_id    text NOT NULL,
  backfill_id text NOT NULL,
  date        date NOT NULL,
  state       text NOT NULL CHECK (state IN ('waiting', 'running', 'complete', 'incomplete', 'failed', 'skipped')),
  PRIMARY KEY (pilot_id, backfill_id, date),
  FOREIGN KEY (pilot_id, backfill_id) REFERENCES warehouse.backfill (pilot_id, backfill_id)
);

DO $$
DECLARE each text;
BEGIN
  FOREACH each IN ARRAY ARRAY['line', 'late_scan', 'late', 'policy', 'backfill', 'backfill_day'] LOOP
    EXECUTE format('ALTER TABLE warehouse.%I ENABLE ROW LEVEL SECURITY', each);
    EXECUTE format('ALTER TABLE warehouse.%I FORCE ROW LEVEL SECURITY', each);
    EXECUTE format('CREATE POLICY tenant ON warehouse.%I'
      ' USING ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()))'
      ' WITH CHECK ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()))', each);
  END LOOP;
END $$;

GRANT SELECT, INSERT, DELETE ON warehouse.line TO ${app_role};
GRANT SELECT, INSERT, UPDATE, DELETE ON warehouse.late TO ${app_role};
GRANT SELECT, INSERT, UPDATE ON warehouse.late_scan, warehouse.policy, warehouse.backfill, warehouse.backfill_day TO ${app_role};
