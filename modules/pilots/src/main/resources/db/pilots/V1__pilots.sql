CREATE TABLE pilots.pilot (
  pilot               text PRIMARY KEY,
  name                text NOT NULL,
  time_zone           text NOT NULL,
  storage_model       text NOT NULL CHECK (storage_model IN ('centralized', 'federated')),
  storage_endpoint    text,
  storage_bucket      text,
  telemetry_days      integer NOT NULL CHECK (telemetry_days BETWEEN 1 AND 3650),
  revision            bigint NOT NULL DEFAULT 1,
  provisioned         bigint NOT NULL DEFAULT 0,
  created_at          timestamptz NOT NULL,
  updated_at          timestamptz NOT NULL
);

CREATE TABLE pilots.person (
  username            text PRIMARY KEY,
  display_name        text NOT NULL,
  roles               text[] NOT NULL,
  pilot               text REFERENCES pilots.pilot (pilot),
  password_hash       text,
  provider_subject    text UNIQUE,
  disabled            boolean NOT NULL DEFAULT false,
  totp_secret         bytea,
  totp_confirmed      boolean NOT NULL DEFAULT false,
  totp_last_step      bigint NOT NULL DEFAULT 0,
  revision            bigint NOT NULL DEFAULT 1,
  created_at          timestamptz NOT NULL,
  last_sign_in_at     timestamptz
);
CREATE INDEX person_of_pilot ON pilots.person (pilot, username);

-- Sessions of the portal and tokens of the API; only hashes of what their holders carry.
CREATE TABLE pilots.credential (
  hash                bytea PRIMARY KEY,
  kind                text NOT NULL CHECK (kind IN ('session', 'token')),
  username            text NOT NULL REFERENCES pilots.person (username) ON DELETE CASCADE,
  pilot               text,
  created_at          timestamptz NOT NULL,
  used_at             timestamptz NOT NULL,
  expires_at          timestamptz NOT NULL
);
CREATE INDEX credential_of_person ON pilots.credential (username);
CREATE INDEX credential_expiry ON pilots.credential (expires_at);

CREATE TABLE pilots.device (
  pilot               text NOT NULL REFERENCES pilots.pilot (pilot),
  device              text NOT NULL,
  twins               text[] NOT NULL,
  token_hash          bytea NOT NULL UNIQUE,
  created_at          timestamptz NOT NULL,
  rotated_at          timestamptz,
  last_seen_at        timestamptz,
  PRIMARY KEY (pilot, device)
);

-- Failed sign-ins of a user name or an address; pruned, and nobody's tenant.
CREATE TABLE pilots.failure (
  subject             text PRIMARY KEY,
  failures            integer NOT NULL,
  last_at             timestamptz NOT NULL,
  locked_until        timestamptz NOT NULL
);
CREATE INDEX failure_age ON pilots.failure (last_at);

CREATE TABLE pilots.audit (
  sequence            bigint PRIMARY KEY,
  time                timestamptz NOT NULL,
  actor               text NOT NULL,
  pilot               text,
  action              text NOT NULL,
  resource            text,
  outcome             text NOT NULL CHECK (outcome IN ('allowed', 'denied', 'failed')),
  detail              text NOT NULL,
  previous_hash       bytea NOT NULL,
  hash                bytea NOT NULL
);
CREATE INDEX audit_of_pilot ON pilots.audit (pilot, sequence);
CREATE INDEX audit_of_actor ON pilots.audit (actor, sequence);
CREATE INDEX audit_of_action ON pilots.audit (action, sequence);
CREATE INDEX audit_time ON pilots.audit (time);

-- The newest entry's number and hash: appends queue on this row, and a cut-off tail shows.
CREATE TABLE pilots.audit_head (
  one                 boolean PRIMARY KEY DEFAULT true CHECK (one),
  sequence            bigint NOT NULL,
  hash                bytea NOT NULL
);
INSERT INTO pilots.audit_head (sequence, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

CREATE FUNCTION pilots.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN RAISE EXCEPTION ''the audit trail is append-only'' USING ERRCODE = ''insufficient_privilege''; END';
CREATE TRIGGER audit_rows BEFORE UPDATE OR DELETE ON pilots.audit
  FOR EACH ROW EXECUTE FUNCTION pilots.refuse_change();
CREATE TRIGGER audit_table BEFORE TRUNCATE ON pilots.audit
  FOR EACH STATEMENT EXECUTE FUNCTION pilots.refuse_change();

ALTER TABLE pilots.pilot ENABLE ROW LEVEL SECURITY;
ALTER TABLE pilots.pilot FORCE ROW LEVEL SECURITY;
CREATE POLICY pilot_scope ON pilots.pilot USING (tenancy.sees(pilot));
ALTER TABLE pilots.person ENABLE ROW LEVEL SECURITY;
ALTER TABLE pilots.person FORCE ROW LEVEL SECURITY;
CREATE POLICY person_scope ON pilots.person USING (tenancy.sees(pilot));
ALTER TABLE pilots.credential ENABLE ROW LEVEL SECURITY;
ALTER TABLE pilots.credential FORCE ROW LEVEL SECURITY;
CREATE POLICY credential_scope ON pilots.credential USING (tenancy.sees(pilot));
ALTER TABLE pilots.device ENABLE ROW LEVEL SECURITY;
ALTER TABLE pilots.device FORCE ROW LEVEL SECURITY;
CREATE POLICY device_scope ON pilots.device USING (tenancy.sees(pilot));
ALTER TABLE pilots.failure ENABLE ROW LEVEL SECURITY;
ALTER TABLE pilots.failure FORCE ROW LEVEL SECURITY;
CREATE POLICY failure_scope ON pilots.failure USING (tenancy.is_platform());
ALTER TABLE pilots.audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE pilots.audit FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_read ON pilots.audit FOR SELECT USING (tenancy.sees(pilot));
CREATE POLICY audit_append ON pilots.audit FOR INSERT WITH CHECK (true);

GRANT USAGE ON SCHEMA pilots TO ${app_role};
GRANT SELECT, INSERT, UPDATE ON pilots.pilot TO ${app_role};
GRANT SELECT, INSERT, UPDATE ON pilots.person TO ${app_role};
GRANT SELECT, INSERT, UPDATE, DELETE ON pilots.credential TO ${app_role};
GRANT SELECT, INSERT, UPDATE, DELETE ON pilots.device TO ${app_role};
GRANT SELECT, INSERT, UPDATE, DELETE ON pilots.failure TO ${app_role};
GRANT SELECT, INSERT ON pilots.audit TO ${app_role};
GRANT SELECT, UPDATE (sequence, hash) ON pilots.audit_head TO ${app_role};
