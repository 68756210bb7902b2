-- Which kinds of twin a pilot has; what a list shows, without the documents.
CREATE TABLE models.model (
  pilot_id    text NOT NULL,
  model_id    text NOT NULL,
  revision    bigint NOT NULL CHECK (revision > 0),
  title       text NOT NULL,
  description text,
  version     text,
  extends     text,
  properties  integer NOT NULL,
  actions     integer NOT NULL,
  events      integer NOT NULL,
  digest      bytea NOT NULL,
  created_at  timestamptz NOT NULL,
  created_by  text NOT NULL,
  updated_at  timestamptz NOT NULL,
  updated_by  text NOT NULL,
  PRIMARY KEY (pilot_id, model_id)
);

-- Every document that was ever put. As json and not jsonb: a document comes back as it was put, its members in the author's order.
CREATE TABLE models.revision (
  pilot_id    text NOT NULL,
  model_id    text NOT NULL,
  revision    bigint NOT NULL CHECK (revision > 0),
  document    json NOT NULL,
  resolved    json NOT NULL,
  digest      bytea NOT NULL,
  created_at  timestamptz NOT NULL,
  created_by  text NOT NULL,
  PRIMARY KEY (pilot_id, model_id, revision),
  FOREIGN KEY (pilot_id, model_id) REFERENCES models.model (pilot_id, model_id)
);

ALTER TABLE models.model ENABLE ROW LEVEL SECURITY;
ALTER TABLE models.model FORCE ROW LEVEL SECURITY;
CREATE POLICY model_tenant ON models.model USING (tenancy.sees(pilot_id)) WITH CHECK (tenancy.sees(pilot_id));
ALTER TABLE models.revision ENABLE ROW LEVEL SECURITY;
ALTER TABLE models.revision FORCE ROW LEVEL SECURITY;
CREATE POLICY revision_tenant ON models.revision USING (tenancy.sees(pilot_id)) WITH CHECK (tenancy.sees(pilot_id));

GRANT USAGE ON SCHEMA models TO ${app_role};
GRANT SELECT, INSERT, UPDATE ON models.model TO ${app_role};
GRANT SELECT, INSERT ON models.revision TO ${app_role};
