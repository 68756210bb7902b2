-- A named stream of datasets as a product: its data contract, and what the contract said before.
CREATE TABLE datasets.product (
  pilot_id     text NOT NULL,
  product      text COLLATE "C" NOT NULL,
  dataset_name text COLLATE "C" NOT NULL,
  title        text NOT NULL,
  domain       text,
  owner        text,
  purpose      text,
  version      text NOT NULL,
  status       text NOT NULL CHECK (status IN ('proposed', 'draft', 'active', 'deprecated', 'retired')),
  contract     text NOT NULL CHECK (octet_length(contract) <= 262144),
  revision     bigint NOT NULL,
  created_at   timestamptz NOT NULL,
  created_by   text NOT NULL,
  updated_at   timestamptz NOT NULL,
  updated_by   text NOT NULL,
  PRIMARY KEY (pilot_id, product),
  UNIQUE (pilot_id, dataset_name)
);

CREATE TABLE datasets.product_revision (
  pilot_id   text NOT NULL,
  product    text COLLATE "C" NOT NULL,
  revision   bigint NOT NULL,
  version    text NOT NULL,
  status     text NOT NULL,
  contract   text NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL,
  PRIMARY KEY (pilot_id, product, revision),
  FOREIGN KEY (pilot_id, product) REFERENCES datasets.product (pilot_id, product)
);

DO $$
DECLARE each text;
BEGIN
  FOREACH each IN ARRAY ARRAY['product', 'product_revision'] LOOP
    EXECUTE format('ALTER TABLE datasets.%I ENABLE ROW LEVEL SECURITY', each);
    EXECUTE format('ALTER TABLE datasets.%I FORCE ROW LEVEL SECURITY', each);
    EXECUTE format('CREATE POLICY tenant ON datasets.%I'
      ' USING ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()))'
      ' WITH CHECK ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()))', each);
  END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON datasets.product TO ${app_role};
GRANT SELECT, INSERT, DELETE ON datasets.product_revision TO ${app_role};
