CREATE TABLE jobs.job (
  pilot_id         text NOT NULL,
  job_id           uuid PRIMARY KEY,
  type             text NOT NULL CHECK (type ~ '^[a-z][a-z0-9-]{0,31}$'),
  name             text NOT NULL,
  priority         text NOT NULL CHECK (priority IN ('normal', 'urgent')),
  state            text NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'dead')),
  -- As it was given: what the type makes of it must not depend on how the store would write it.
  parameters       text NOT NULL CHECK (octet_length(parameters) <= 65536),
  requested_by     text NOT NULL,
  schedule_id      text,
  idempotency_key  text,
  -- Of the whole request, to tell a repeat from another one with the same key.
  request_sum      bytea CHECK ((request_sum IS NULL) = (idempotency_key IS NULL)),
  created_at       timestamptz NOT NULL,
  deadline         timestamptz,
  not_before       timestamptz,
  -- Since it was asked for or retried by somebody; what a node gave up on purpose does not count.
  attempts         integer NOT NULL DEFAULT 0,
  max_attempts     integer NOT NULL,
  -- All attempts there ever were; the number of the newest.
  runs             integer NOT NULL DEFAULT 0,
  -- Grows with every claim: whoever holds an older one changes nothing.
  fence            bigint NOT NULL DEFAULT 0,
  node             text,
  lease_until      timestamptz,
  -- When its message went out last; null while none is on its way.
  dispatched_at    timestamptz,
  -- Messages since it was last to be dispatched for the first time.
  dispatches       integer NOT NULL DEFAULT 0,
  cancel_requested boolean NOT NULL DEFAULT false,
  progress_done    bigint NOT NULL DEFAULT 0,
  progress_total   bigint NOT NULL DEFAULT 0,
  progress_message text NOT NULL DEFAULT '',
  result_dataset   text,
  result_summary   text,
  error_code       text,
  error_detail     text,
  started_at       timestamptz,
  finished_at      timestamptz,
  revision         bigint NOT NULL DEFAULT 1,
  CHECK ((state = 'running') = (lease_until IS NOT NULL)),
  CHECK ((state IN ('queued', 'running')) = (finished_at IS NULL)),
  CHECK (state = 'queued' OR dispatched_at IS NULL)
) WITH (fillfactor = 70);

CREATE INDEX job_list ON jobs.job (pilot_id, job_id DESC);
CREATE INDEX job_state ON jobs.job (pilot_id, state, job_id DESC);
CREATE UNIQUE INDEX job_key ON jobs.job (pilot_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX job_waiting ON jobs.job (pilot_id, type, priority, job_id) WHERE state = 'queued' AND dispatched_at IS NULL;
CREATE INDEX job_dispatched ON jobs.job (pilot_id, type, priority) WHERE state = 'queued' AND dispatched_at IS NOT NULL;
CREATE INDEX job_running ON jobs.job (pilot_id) WHERE state = 'running';
CREATE INDEX job_deadline ON jobs.job (deadline) WHERE deadline IS NOT NULL AND state IN ('queued', 'running');
CREATE INDEX job_ended ON jobs.job (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE jobs.attempt (
  pilot_id     text NOT NULL,
  job_id       uuid NOT NULL REFERENCES jobs.job ON DELETE CASCADE,
  attempt      integer NOT NULL,
  fence        bigint NOT NULL,
  node         text NOT NULL,
  started_at   timestamptz NOT NULL,
  ended_at     timestamptz,
  outcome      text CHECK (outcome IN ('succeeded', 'failed', 'cancelled', 'lost', 'fenced', 'released')),
  error_code   text,
  error_detail text,
  log_lines    integer NOT NULL DEFAULT 0,
  -- Where the whole of a long log rests.
  log_key      text,
  PRIMARY KEY (job_id, attempt),
  CHECK ((outcome IS NULL) = (ended_at IS NULL))
) WITH (fillfactor = 70);

-- The first lines and the newest.
CREATE TABLE jobs.line (
  pilot_id text NOT NULL,
  job_id   uuid NOT NULL,
  attempt  integer NOT NULL,
  number   integer NOT NULL,
  at       timestamptz NOT NULL,
  level    text NOT NULL CHECK (level IN ('info', 'warn')),
  text     text NOT NULL,
  PRIMARY KEY (job_id, attempt, number),
  FOREIGN KEY (job_id, attempt) REFERENCES jobs.attempt ON DELETE CASCADE
);

CREATE TABLE jobs.limits (
  pilot_id     text PRIMARY KEY,
  queued_most  integer NOT NULL CHECK (queued_most >= 0),
  running_most integer NOT NULL CHECK (running_most >= 0),
  updated_at   timestamptz NOT NULL
);

CREATE TABLE jobs.schedule (
  pilot_id     text NOT NULL,
  schedule_id  text NOT NULL,
  name         text NOT NULL,
  type         text NOT NULL,
  parameters   text NOT NULL CHECK (octet_length(parameters) <= 65536),
  -- Monday is the lowest bit.
  days         integer NOT NULL CHECK (days BETWEEN 1 AND 127),
  time         time NOT NULL,
  priority     text NOT NULL CHECK (priority IN ('normal', 'urgent')),
  enabled      boolean NOT NULL,
  -- By the zone that stands beside it; made anew when the pilot moves to another.
  next_at      timestamptz,
  zone         text NOT NULL,
  last_job_id  uuid,
  error_code   text,
  error_detail text,
  requested_by text NOT NULL,
  -- Who made it had these; they decide what a job of it may do.
  roles        text[] NOT NULL,
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  revision     bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (pilot_id, schedule_id),
  CHECK (enabled = (next_at IS NOT NULL))
);
CREATE INDEX schedule_due ON jobs.schedule (next_at) WHERE enabled;

-- Messages that no job can be made out of.
CREATE TABLE jobs.stray (
  stray_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at       timestamptz NOT NULL,
  reason   text NOT NULL CHECK (reason IN ('unreadable', 'unknown_job', 'ended_job', 'delivered_too_often')),
  body     text NOT NULL,
  job_id   uuid
);

DO $$
DECLARE each text;
BEGIN
  FOREACH each IN ARRAY ARRAY['job', 'attempt', 'line', 'limits', 'schedule'] LOOP
    EXECUTE format('ALTER TABLE jobs.%I ENABLE ROW LEVEL SECURITY', each);
    EXECUTE format('ALTER TABLE jobs.%I FORCE ROW LEVEL SECURITY', each);
    EXECUTE format('CREATE POLICY tenant ON jobs.%I'
      ' USING ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()))'
      ' WITH CHECK ((SELECT tenancy.is_platform()) OR pilot_id = (SELECT tenancy.pilot()))', each);
  END LOOP;
END $$;
ALTER TABLE jobs.stray ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs.stray FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON jobs.stray USING (tenancy.is_platform()) WITH CHECK (tenancy.is_platform());

GRANT USAGE ON SCHEMA jobs TO ${app_role};
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs.job, jobs.attempt, jobs.line, jobs.limits, jobs.schedule TO ${app_role};
GRANT SELECT, INSERT, DELETE ON jobs.stray TO ${app_role};
