-- Bytes that rest at a pilot's own endpoint. The secret is sealed with the installation's key.
CREATE TABLE datasets.site (
  pilot_id                text PRIMARY KEY,
  endpoint                text NOT NULL,
  bucket                  text NOT NULL,
  region                  text NOT NULL,
  access_key              text NOT NULL,
  secret                  bytea NOT NULL,
  trusts_stored_checksums boolean NOT NULL,
  credentials_expire_at   timestamptz,
  agreement_until         timestamptz,
  state                   text NOT NULL DEFAULT 'unknown' CHECK (state IN ('unknown', 'reachable', 'unreachable', 'credentials_expired')),
  detail                  text,
  probed_at               timestamptz,
  -- Which node looks: the number of the lease is the fence.
  probe_lease             bigint NOT NULL DEFAULT 0,
  probe_lease_until       timestamptz,
  revision                bigint NOT NULL DEFAULT 1,
  created_at              timestamptz NOT NULL,
  updated_at              timestamptz NOT NULL
);

ALTER TABLE datasets.site ENABLE ROW LEVEL SECURITY;
ALTER TABLE datasets.site FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON datasets.site
  USING ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()))
  WITH CHECK ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()));
GRANT SELECT, INSERT, UPDATE, DELETE ON datasets.site TO ${app_role};

-- Where the bytes of a dataset rest: in the consortium's bucket, or in the one of its pilot's endpoint that is named here.
ALTER TABLE datasets.dataset
  ADD COLUMN site_bucket text,
  -- The object that was verified; another one of its key has another tag.
  ADD COLUMN object_etag text,
  ADD COLUMN verify_failures integer NOT NULL DEFAULT 0,
  ADD COLUMN verify_after timestamptz,
  -- What the newest look at the object showed; null where nobody has looked.
  ADD COLUMN seen_state text CHECK (seen_state IN ('reachable', 'object_missing', 'object_changed')),
  ADD COLUMN seen_detail text,
  ADD COLUMN seen_at timestamptz;

ALTER TABLE datasets.dataset DROP CONSTRAINT dataset_pilot_id_object_key_key;
CREATE UNIQUE INDEX dataset_at_centre ON datasets.dataset (pilot_id, object_key) WHERE site_bucket IS NULL;
-- An object is registered once. One that was not what it was said to be may be registered anew.
CREATE UNIQUE INDEX dataset_at_site ON datasets.dataset (pilot_id, site_bucket, object_key)
  WHERE site_bucket IS NOT NULL AND state NOT IN ('quarantined', 'deleted');
CREATE INDEX dataset_to_see ON datasets.dataset (pilot_id, seen_at NULLS FIRST) WHERE site_bucket IS NOT NULL AND state = 'available';
CREATE INDEX dataset_site_verifying ON datasets.dataset (pilot_id, lease_until) WHERE site_bucket IS NOT NULL AND state = 'verifying';
