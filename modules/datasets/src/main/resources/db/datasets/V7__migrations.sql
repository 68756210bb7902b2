-- Whether the platform may write at a pilot's endpoint, as its pilot says, and what the newest look showed of that.
ALTER TABLE datasets.site
  ADD COLUMN takes_uploads boolean NOT NULL DEFAULT false,
  ADD COLUMN writable boolean,
  ADD COLUMN write_detail text;

-- Whether the platform put the object at the pilot's endpoint; it removes no other.
ALTER TABLE datasets.dataset ADD COLUMN site_written boolean NOT NULL DEFAULT false;
ALTER TABLE datasets.dataset ADD CHECK (NOT site_written OR site_bucket IS NOT NULL) NOT VALID;
CREATE INDEX dataset_written_at_site ON datasets.dataset (pilot_id, object_key) WHERE site_written;

-- A change of a pilot's storage model, and what has become of it.
CREATE TABLE datasets.migration (
  pilot_id      text NOT NULL,
  migration_id  text NOT NULL,
  target        text NOT NULL CHECK (target IN ('centralized', 'federated')),
  -- Of the pilot's endpoint, from which or to which the bytes go.
  site_bucket   text NOT NULL,
  state         text NOT NULL CHECK (state IN ('copying', 'paused', 'cancelling', 'switching', 'removing', 'done', 'cancelled')),
  -- Which node leads it: the number of the lease is the fence.
  lease         bigint NOT NULL DEFAULT 0,
  lease_until   timestamptz,
  created_at    timestamptz NOT NULL,
  created_by    text NOT NULL,
  switched_at   timestamptz,
  ended_at      timestamptz,
  PRIMARY KEY (pilot_id, migration_id)
);
-- One at a time; one that only removes old bytes is in nobody's way.
CREATE UNIQUE INDEX migration_under_way ON datasets.migration (pilot_id) WHERE state IN ('copying', 'paused', 'cancelling', 'switching');
CREATE INDEX migration_to_lead ON datasets.migration (lease_until NULLS FIRST) WHERE state NOT IN ('paused', 'done', 'cancelled');

-- One dataset of a migration. A bucket that is null is the consortium's.
CREATE TABLE datasets.move (
  pilot_id       text NOT NULL,
  migration_id   text NOT NULL,
  dataset_id     text NOT NULL,
  -- waiting: to be copied and read back; copied: it was, and is the same; switched: the catalogue names the copy; removing, removed, left: the old
  -- bytes; dropping, dropped: the copy is not wanted any more; kept: the old bytes are those of a later migration.
  state          text NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'copied', 'failed', 'switched', 'removing', 'removed', 'left', 'kept', 'dropping', 'dropped')),
  from_bucket    text,
  from_key       text COLLATE "C" NOT NULL,
  from_written   boolean NOT NULL,
  to_bucket      text,
  to_key         text COLLATE "C" NOT NULL,
  to_written     boolean NOT NULL,
  -- Whether the bytes are there since before; then they are read back only.
  adopted        boolean NOT NULL DEFAULT false,
  -- Each has a key of its own: what removes an older copy never meets a newer one.
  attempt        integer NOT NULL DEFAULT 1,
  size_bytes     bigint NOT NULL,
  part_size      bigint NOT NULL,
  -- Counted against the quota for the copy.
  reserved_bytes bigint NOT NULL DEFAULT 0,
  upload_id      text,
  copied_bytes   bigint NOT NULL DEFAULT 0,
  verified_bytes bigint NOT NULL DEFAULT 0,
  to_etag        text,
  lease          bigint NOT NULL DEFAULT 0,
  lease_until    timestamptz,
  failures       integer NOT NULL DEFAULT 0,
  move_after     timestamptz,
  code           text,
  detail         text,
  switched_at    timestamptz,
  PRIMARY KEY (pilot_id, migration_id, dataset_id),
  FOREIGN KEY (pilot_id, migration_id) REFERENCES datasets.migration (pilot_id, migration_id),
  FOREIGN KEY (pilot_id, dataset_id) REFERENCES datasets.dataset (pilot_id, dataset_id)
);
CREATE INDEX move_to_make ON datasets.move (lease_until NULLS FIRST) WHERE state = 'waiting';
CREATE INDEX move_of_state ON datasets.move (pilot_id, migration_id, state, dataset_id);
CREATE INDEX move_to_clear ON datasets.move (move_after NULLS FIRST) WHERE state IN ('switched', 'removing', 'dropping');
CREATE INDEX move_of_dataset ON datasets.move (pilot_id, dataset_id);

DO $$
DECLARE each text;
BEGIN
  FOREACH each IN ARRAY ARRAY['migration', 'move'] LOOP
    EXECUTE format('ALTER TABLE datasets.%I ENABLE ROW LEVEL SECURITY', each);
    EXECUTE format('ALTER TABLE datasets.%I FORCE ROW LEVEL SECURITY', each);
    EXECUTE format('CREATE POLICY tenant ON datasets.%I'
      ' USING ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()))'
      ' WITH CHECK ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()))', each);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON datasets.migration, datasets.move TO ${app_role};
