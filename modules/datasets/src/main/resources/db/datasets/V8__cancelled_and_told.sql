-- A curation can be cancelled. Who copies it sees that the curation no longer wants it, by the lease and by this.
ALTER TABLE datasets.curation ADD COLUMN cancelled_at timestamptz, ADD COLUMN cancelled_by text;
ALTER TABLE datasets.copy ADD COLUMN ended_at timestamptz;
ALTER TABLE datasets.copy DROP CONSTRAINT copy_state_check;
ALTER TABLE datasets.copy ADD CONSTRAINT copy_state_check CHECK (state IN ('waiting', 'copied', 'failed', 'cancelled'));
CREATE INDEX curation_newest ON datasets.curation (pilot_id, created_at DESC, curation_id DESC);
GRANT UPDATE (cancelled_at, cancelled_by) ON datasets.curation TO ${app_role};

-- Whose lineage a gatherer outside has not been told as it is now: a row a dataset at most, written with the change that is to be told.
CREATE TABLE datasets.untold (
  pilot_id    text NOT NULL,
  dataset_id  text NOT NULL,
  -- Another one, when the dataset changed again while it was told.
  change      bigint NOT NULL DEFAULT 1,
  since       timestamptz NOT NULL,
  failures    integer NOT NULL DEFAULT 0,
  -- Infinity: the gatherer refuses it, and it is told when it changes again.
  tell_after  timestamptz NOT NULL,
  lease       bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (pilot_id, dataset_id),
  FOREIGN KEY (pilot_id, dataset_id) REFERENCES datasets.dataset (pilot_id, dataset_id)
);
CREATE INDEX untold_next ON datasets.untold (tell_after, since);
SET LOCAL statement_timeout = 0;
INSERT INTO datasets.untold (pilot_id, dataset_id, since, tell_after)
  SELECT pilot_id, dataset_id, updated_at, updated_at FROM datasets.dataset
  WHERE available_at IS NOT NULL AND state IN ('available', 'expired', 'deleting', 'deleted');

ALTER TABLE datasets.untold ENABLE ROW LEVEL SECURITY;
ALTER TABLE datasets.untold FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON datasets.untold
  USING ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()))
  WITH CHECK ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()));
GRANT SELECT, INSERT, UPDATE, DELETE ON datasets.untold TO ${app_role};

-- What came of telling, by all nodes: one row.
CREATE TABLE datasets.telling (
  one            boolean PRIMARY KEY DEFAULT true CHECK (one),
  told_at        timestamptz,
  failed_at      timestamptz,
  failure        text
);
INSERT INTO datasets.telling DEFAULT VALUES;
ALTER TABLE datasets.telling ENABLE ROW LEVEL SECURITY;
ALTER TABLE datasets.telling FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON datasets.telling USING ((SELECT tenancy.is_platform())) WITH CHECK ((SELECT tenancy.is_platform()));
GRANT SELECT, UPDATE ON datasets.telling TO ${app_role};
