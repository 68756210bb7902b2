-- Closed days. Whatever waits on a time is compared with the database's clock, which all nodes share.
CREATE TABLE warehouse.dump (
  pilot_id        text NOT NULL,
  date            date NOT NULL,
  revision        integer NOT NULL CHECK (revision > 0),
  state           text NOT NULL CHECK (state IN ('running', 'failed', 'complete', 'incomplete')),
  time_zone       text NOT NULL,
  starts_at       timestamptz NOT NULL,
  ends_at         timestamptz NOT NULL,
  close_reason    text NOT NULL CHECK (close_reason IN ('watermarks', 'idle_partitions', 'deadline', 'requested')),
  requested_by    text NOT NULL,
  -- Frozen together, before anything is read: what the objects are called and how they look follows from it.
  frozen_at       timestamptz,
  dataset_id      text,
  prefix          text COLLATE "C",
  plan            jsonb,
  events          bigint NOT NULL DEFAULT 0,
  rows            bigint NOT NULL DEFAULT 0,
  late            bigint NOT NULL DEFAULT 0,
  rejected        bigint NOT NULL DEFAULT 0,
  repeats         bigint NOT NULL DEFAULT 0,
  parts           integer NOT NULL DEFAULT 0,
  -- Who works on it: the number of the claim is the fence, and only its holder may change anything.
  fence           bigint NOT NULL DEFAULT 0,
  leased_by       text,
  lease_until     timestamptz,
  attempts        integer NOT NULL DEFAULT 0,
  execution_id    bigint,
  step            text,
  failure_code    text,
  failure_detail  text,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  finished_at     timestamptz,
  PRIMARY KEY (pilot_id, date, revision),
  CHECK (state NOT IN ('complete', 'incomplete') OR (dataset_id IS NOT NULL AND plan IS NOT NULL)),
  CHECK (frozen_at IS NULL OR (dataset_id IS NOT NULL AND prefix IS NOT NULL AND plan IS NOT NULL))
);
CREATE INDEX dump_to_run ON warehouse.dump (lease_until NULLS FIRST) WHERE state = 'running';

-- What is read of one partition, and what came of it.
CREATE TABLE warehouse.share (
  pilot_id    text NOT NULL,
  date        date NOT NULL,
  revision    integer NOT NULL,
  partition   integer NOT NULL,
  from_offset bigint NOT NULL,
  to_offset   bigint NOT NULL CHECK (to_offset >= from_offset),
  watermark   timestamptz,
  state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done')),
  read_to     bigint NOT NULL,
  records     bigint NOT NULL DEFAULT 0,
  other_days  bigint NOT NULL DEFAULT 0,
  events      bigint NOT NULL DEFAULT 0,
  rows        bigint NOT NULL DEFAULT 0,
  late        bigint NOT NULL DEFAULT 0,
  rejected    bigint NOT NULL DEFAULT 0,
  repeats     bigint NOT NULL DEFAULT 0,
  -- Offsets that the backbone no longer had: [{"from":…,"to":…}], the end excluded.
  missing     jsonb NOT NULL DEFAULT '[]',
  failure     text,
  PRIMARY KEY (pilot_id, date, revision, partition),
  FOREIGN KEY (pilot_id, date, revision) REFERENCES warehouse.dump (pilot_id, date, revision),
  CHECK (state <> 'done' OR read_to = to_offset)
);

CREATE TABLE warehouse.part (
  pilot_id   text NOT NULL,
  date       date NOT NULL,
  revision   integer NOT NULL,
  partition  integer NOT NULL,
  key        text COLLATE "C" NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('table', 'tidy', 'rejects')),
  model      text,
  rows       bigint NOT NULL CHECK (rows > 0),
  size_bytes bigint NOT NULL CHECK (size_bytes > 0),
  checksum   bytea NOT NULL CHECK (octet_length(checksum) = 32),
  first_time timestamptz,
  last_time  timestamptz,
  PRIMARY KEY (pilot_id, key),
  FOREIGN KEY (pilot_id, date, revision, partition) REFERENCES warehouse.share (pilot_id, date, revision, partition)
);
CREATE INDEX part_of_share ON warehouse.part (pilot_id, date, revision, partition);

-- Where partitions stood when the first event of a day could come, noted down at that time.
CREATE TABLE warehouse.opening (
  pilot_id     text NOT NULL,
  date         date NOT NULL,
  partition    integer NOT NULL,
  first_offset bigint NOT NULL,
  PRIMARY KEY (pilot_id, date, partition)
);

DO $$
DECLARE each text;
BEGIN
  FOREACH each IN ARRAY ARRAY['dump', 'share', 'part', 'opening'] LOOP
    EXECUTE format('ALTER TABLE warehouse.%I ENABLE ROW LEVEL SECURITY', each);
    EXECUTE format('ALTER TABLE warehouse.%I FORCE ROW LEVEL SECURITY', each);
    EXECUTE format('CREATE POLICY tenant ON warehouse.%I'
      ' USING ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()))'
      ' WITH CHECK ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()))', each);
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA warehouse TO ${app_role};
GRANT SELECT, INSERT, UPDATE ON warehouse.dump TO ${app_role};
GRANT SELECT, INSERT ON warehouse.opening TO ${app_role};
GRANT SELECT, INSERT, UPDATE, DELETE ON warehouse.share, warehouse.part TO ${app_role};
