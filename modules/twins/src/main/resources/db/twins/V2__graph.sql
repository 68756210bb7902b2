-- How twins are related. An edge belongs to its source, and its id is unique there; twins that are related cannot go before the relationship does.
CREATE TABLE twins.relationship (
  pilot_id        text NOT NULL,
  source          text NOT NULL,
  relationship_id text NOT NULL,
  type            text NOT NULL,
  target          text NOT NULL,
  attributes      jsonb NOT NULL DEFAULT '{}',
  revision        bigint NOT NULL CHECK (revision > 0),
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  PRIMARY KEY (pilot_id, source, relationship_id),
  FOREIGN KEY (pilot_id, source) REFERENCES twins.twin (pilot_id, twin_id),
  FOREIGN KEY (pilot_id, target) REFERENCES twins.twin (pilot_id, twin_id)
);
-- The walks read nothing but these.
CREATE INDEX relationship_out ON twins.relationship (pilot_id, source, type, target, relationship_id);
CREATE INDEX relationship_in ON twins.relationship (pilot_id, target, type, source, relationship_id);
CREATE INDEX relationship_of_type ON twins.relationship (pilot_id, type);

-- The types that pilots add to those that are built in.
CREATE TABLE twins.relationship_type (
  pilot_id      text NOT NULL,
  type          text NOT NULL,
  label         text,
  inverse       text,
  description   text,
  acyclic       boolean NOT NULL,
  single_source boolean NOT NULL,
  revision      bigint NOT NULL CHECK (revision > 0),
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  PRIMARY KEY (pilot_id, type)
);

DO $$
DECLARE each text;
BEGIN
  FOREACH each IN ARRAY ARRAY['relationship', 'relationship_type'] LOOP
    EXECUTE format('ALTER TABLE twins.%I ENABLE ROW LEVEL SECURITY', each);
    EXECUTE format('ALTER TABLE twins.%I FORCE ROW LEVEL SECURITY', each);
    EXECUTE format('CREATE POLICY tenant ON twins.%I USING (tenancy.sees(pilot_id)) WITH CHECK (tenancy.sees(pilot_id))', each);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON twins.%I TO ${app_role}', each);
  END LOOP;
END $$;
