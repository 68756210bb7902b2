-- A rebuild of a pilot's states from the backbone.
CREATE TABLE twins.rebuild (
  pilot_id      text NOT NULL,
  rebuild_id    text NOT NULL,
  apply         boolean NOT NULL,
  state         text NOT NULL CHECK (state IN ('running', 'succeeded', 'failed', 'cancelled')),
  started_by    text NOT NULL,
  created_at    timestamptz NOT NULL,
  ended_at      timestamptz,
  stage         text NOT NULL DEFAULT 'preparing' CHECK (stage IN ('preparing', 'base', 'telemetry')),
  -- What retention has removed was given to the backbone before this; null where it has removed nothing.
  removed_until timestamptz,
  restarts      integer NOT NULL DEFAULT 0,
  failures      integer NOT NULL DEFAULT 0,
  worker        text,
  leased_until  timestamptz,
  not_before    timestamptz NOT NULL,
  cleared       boolean NOT NULL DEFAULT false,
  twins         bigint,
  differing     bigint,
  digest_before text,
  digest_after  text,
  error         text,
  PRIMARY KEY (pilot_id, rebuild_id)
);
CREATE UNIQUE INDEX rebuild_open ON twins.rebuild (pilot_id) WHERE state = 'running';
CREATE INDEX rebuild_left ON twins.rebuild (ended_at) WHERE state <> 'running' AND NOT cleared;

-- How far it has read; changes with what was folded in one transaction.
CREATE TABLE twins.rebuild_position (
  pilot_id   text NOT NULL,
  rebuild_id text NOT NULL,
  topic      text NOT NULL,
  partition  integer NOT NULL,
  begins     bigint NOT NULL,
  position   bigint NOT NULL,
  ends       bigint NOT NULL,
  PRIMARY KEY (pilot_id, rebuild_id, topic, partition)
);

-- The states that nobody sees until they take the others' place. No properties: no state.
CREATE TABLE twins.rebuilt_state (
  pilot_id    text NOT NULL,
  twin_id     text COLLATE "C" NOT NULL,
  rebuild_id  text NOT NULL,
  properties  text NOT NULL,
  reported_at timestamptz,
  device      text,
  PRIMARY KEY (pilot_id, twin_id, rebuild_id)
) WITH (fillfactor = 70);

-- Counts the rebuilds that changed states, so that a fold that began before one of them is not stored after it.
CREATE TABLE twins.state_generation (
  pilot_id   text PRIMARY KEY,
  generation bigint NOT NULL
);

-- Digests go through the states in the order of the ids' bytes.
CREATE INDEX state_bytes ON twins.state (pilot_id, twin_id COLLATE "C");

DO $$
DECLARE each text;
BEGIN
  FOREACH each IN ARRAY ARRAY['rebuild', 'rebuild_position', 'rebuilt_state', 'state_generation'] LOOP
    EXECUTE format('ALTER TABLE twins.%I ENABLE ROW LEVEL SECURITY', each);
    EXECUTE format('ALTER TABLE twins.%I FORCE ROW LEVEL SECURITY', each);
    EXECUTE format('CREATE POLICY tenant ON twins.%I USING (tenancy.sees(pilot_id)) WITH CHECK (tenancy.sees(pilot_id))', each);
  END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON twins.rebuild, twins.rebuild_position, twins.rebuilt_state, twins.state_generation TO ${app_role};
