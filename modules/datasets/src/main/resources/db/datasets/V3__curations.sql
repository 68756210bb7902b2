-- Copies of datasets at a pilot's endpoint into the consortium's bucket, as somebody asked for them.
CREATE TABLE datasets.curation (
  pilot_id    text NOT NULL,
  curation_id text NOT NULL,
  created_by  text NOT NULL,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (pilot_id, curation_id)
);

CREATE TABLE datasets.copy (
  pilot_id     text NOT NULL,
  curation_id  text NOT NULL,
  source_id    text NOT NULL,
  -- Null until the copy has been declared.
  target_id    text,
  state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'copied', 'failed')),
  copied_bytes bigint NOT NULL DEFAULT 0,
  -- Who copies it: the number of the lease is the fence.
  lease        bigint NOT NULL DEFAULT 0,
  lease_until  timestamptz,
  failures     integer NOT NULL DEFAULT 0,
  copy_after   timestamptz,
  code         text,
  detail       text,
  PRIMARY KEY (pilot_id, curation_id, source_id),
  FOREIGN KEY (pilot_id, curation_id) REFERENCES datasets.curation (pilot_id, curation_id),
  FOREIGN KEY (pilot_id, source_id) REFERENCES datasets.dataset (pilot_id, dataset_id),
  FOREIGN KEY (pilot_id, target_id) REFERENCES datasets.dataset (pilot_id, dataset_id),
  CHECK (state <> 'copied' OR target_id IS NOT NULL)
);
CREATE INDEX copy_to_make ON datasets.copy (lease_until NULLS FIRST) WHERE state = 'waiting';

DO $$
DECLARE each text;
BEGIN
  FOREACH each IN ARRAY ARRAY['curation', 'copy'] LOOP
    EXECUTE format('ALTER TABLE datasets.%I ENABLE ROW LEVEL SECURITY', each);
    EXECUTE format('ALTER TABLE datasets.%I FORCE ROW LEVEL SECURITY', each);
    EXECUTE format('CREATE POLICY tenant ON datasets.%I'
      ' USING ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()))'
      ' WITH CHECK ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()))', each);
  END LOOP;
END $$;
GRANT SELECT, INSERT ON datasets.curation TO ${app_role};
GRANT SELECT, INSERT, UPDATE ON datasets.copy TO ${app_role};
