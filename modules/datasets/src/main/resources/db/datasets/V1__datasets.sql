-- The catalogue of the hold. Whatever waits on a time is compared with the database's clock, which all nodes share.
CREATE TABLE datasets.dataset (
  pilot_id          text NOT NULL,
  dataset_id        text NOT NULL,
  name              text COLLATE "C" NOT NULL,
  version           integer NOT NULL CHECK (version > 0),
  state             text NOT NULL CHECK (state IN ('uploading', 'verifying', 'available', 'quarantined', 'expired', 'deleting', 'deleted')),
  object_key        text COLLATE "C" NOT NULL,
  size_bytes        bigint NOT NULL CHECK (size_bytes >= 0),
  declared_type     text NOT NULL,
  media_type        text NOT NULL,
  -- What its sender said of it, when it was declared and when it was complete.
  declared_checksum bytea CHECK (octet_length(declared_checksum) = 32),
  sent_checksum     bytea CHECK (octet_length(sent_checksum) = 32),
  checksum          bytea CHECK (octet_length(checksum) = 32),
  schema_ref        text,
  tags              jsonb NOT NULL,
  made_by           text NOT NULL,
  made_by_id        text,
  inputs            text[] NOT NULL,
  retention_days    integer CHECK (retention_days > 0),
  upload_id         text,
  part_size         bigint NOT NULL CHECK (part_size > 0),
  verified_bytes    bigint NOT NULL DEFAULT 0,
  -- Who verifies it: the number of the lease is the fence, and only its holder may say what came of it.
  lease             bigint NOT NULL DEFAULT 0,
  lease_until       timestamptz,
  failure_code      text,
  failure_detail    text,
  revision          bigint NOT NULL DEFAULT 1,
  created_at        timestamptz NOT NULL,
  created_by        text NOT NULL,
  updated_at        timestamptz NOT NULL,
  available_at      timestamptz,
  expires_at        timestamptz,
  removed_after     timestamptz,
  PRIMARY KEY (pilot_id, dataset_id),
  UNIQUE (pilot_id, object_key),
  UNIQUE (pilot_id, name, version),
  -- A pointer names bytes that were verified.
  CHECK (state <> 'available' OR (checksum IS NOT NULL AND available_at IS NOT NULL))
);
CREATE INDEX dataset_newest ON datasets.dataset (pilot_id, created_at DESC, dataset_id DESC) WHERE state <> 'deleted';
CREATE INDEX dataset_of_state ON datasets.dataset (pilot_id, state, created_at DESC, dataset_id DESC);
CREATE INDEX dataset_to_verify ON datasets.dataset (lease_until NULLS FIRST) WHERE state = 'verifying';
CREATE INDEX dataset_to_expire ON datasets.dataset (expires_at) WHERE state = 'available';
CREATE INDEX dataset_to_remove ON datasets.dataset (removed_after) WHERE state IN ('expired', 'deleting');
CREATE INDEX dataset_uploading ON datasets.dataset (updated_at) WHERE state = 'uploading';

-- The tags of the datasets that are not deleted, so that a page of one tag is read from an index: conditions on jsonb are none that row
-- policies let an index answer.
CREATE TABLE datasets.tag (
  pilot_id   text NOT NULL,
  name       text NOT NULL,
  value      text NOT NULL,
  created_at timestamptz NOT NULL,
  dataset_id text NOT NULL,
  PRIMARY KEY (pilot_id, name, value, created_at, dataset_id),
  FOREIGN KEY (pilot_id, dataset_id) REFERENCES datasets.dataset (pilot_id, dataset_id)
);
CREATE INDEX tag_any_value ON datasets.tag (pilot_id, name, created_at DESC, dataset_id DESC);
CREATE INDEX tag_of_dataset ON datasets.tag (pilot_id, dataset_id);

CREATE TABLE datasets.derivation (
  pilot_id  text NOT NULL,
  output_id text NOT NULL,
  input_id  text NOT NULL,
  PRIMARY KEY (pilot_id, output_id, input_id),
  FOREIGN KEY (pilot_id, output_id) REFERENCES datasets.dataset (pilot_id, dataset_id),
  FOREIGN KEY (pilot_id, input_id) REFERENCES datasets.dataset (pilot_id, dataset_id)
);
CREATE INDEX derivation_of_input ON datasets.derivation (pilot_id, input_id, output_id);

-- Who needs the bytes: a replay, a job, a dump.
CREATE TABLE datasets.reference (
  pilot_id   text NOT NULL,
  dataset_id text NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('replay', 'job', 'dump')),
  holder     text NOT NULL,
  reason     text,
  since      timestamptz NOT NULL,
  until      timestamptz,
  PRIMARY KEY (pilot_id, dataset_id, kind, holder),
  FOREIGN KEY (pilot_id, dataset_id) REFERENCES datasets.dataset (pilot_id, dataset_id)
);

-- What a pilot has in the hold; changed in the transaction of each change.
CREATE TABLE datasets.usage (
  pilot_id text PRIMARY KEY,
  bytes    bigint NOT NULL,
  objects  bigint NOT NULL,
  uploads  integer NOT NULL
);

CREATE TABLE datasets.quota (
  pilot_id text PRIMARY KEY,
  bytes    bigint NOT NULL CHECK (bytes >= 0),
  objects  bigint NOT NULL CHECK (objects >= 0),
  uploads  integer NOT NULL CHECK (uploads >= 0)
);

-- What a sweep has seen and will look at again.
CREATE TABLE datasets.mark (
  pilot_id      text NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('orphaned_object', 'missing_object', 'leftover_upload')),
  object_key    text COLLATE "C" NOT NULL,
  upload_id     text NOT NULL DEFAULT '',
  size_bytes    bigint,
  first_seen_at timestamptz NOT NULL,
  last_seen_at  timestamptz NOT NULL,
  PRIMARY KEY (pilot_id, kind, object_key, upload_id)
);

DO $$
DECLARE each text;
BEGIN
  FOREACH each IN ARRAY ARRAY['dataset', 'tag', 'derivation', 'reference', 'usage', 'quota', 'mark'] LOOP
    EXECUTE format('ALTER TABLE datasets.%I ENABLE ROW LEVEL SECURITY', each);
    EXECUTE format('ALTER TABLE datasets.%I FORCE ROW LEVEL SECURITY', each);
    EXECUTE format('CREATE POLICY tenant ON datasets.%I'
      ' USING ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()))'
      ' WITH CHECK ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()))', each);
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA datasets TO ${app_role};
GRANT SELECT, INSERT, UPDATE ON datasets.dataset, datasets.usage, datasets.quota TO ${app_role};
GRANT SELECT, INSERT, DELETE ON datasets.tag, datasets.derivation TO ${app_role};
GRANT SELECT, INSERT, UPDATE, DELETE ON datasets.reference, datasets.mark TO ${app_role};
