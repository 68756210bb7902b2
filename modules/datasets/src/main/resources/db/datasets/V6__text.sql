-- What a text is looked for in: name, owner and purpose, in small letters.
SET LOCAL statement_timeout = 0;
ALTER TABLE datasets.dataset ADD COLUMN searched text NOT NULL GENERATED ALWAYS AS (lower((name || chr(10)
  || coalesce(left(tags ->> 'owner', 256), '') || chr(10) || coalesce(left(tags ->> 'purpose', 256), '')) COLLATE "default")) STORED;

-- Three characters in a row, at each place or at each so many, each with the pilot before it: a search reads nothing of other pilots.
CREATE FUNCTION datasets.text_keys(pilot text, written text, step integer) RETURNS text[]
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  keys text[] := '{}';
  final integer := length(written) - 2;
BEGIN
  FOR n IN 1 .. final BY step LOOP
    keys := keys || (pilot || ' ' || substr(written, n, 3));
  END LOOP;
  RETURN CASE WHEN final > 0 THEN keys || (pilot || ' ' || substr(written, final, 3)) ELSE keys END;
END
$$;
SET LOCAL maintenance_work_mem = '256MB';
CREATE INDEX dataset_text ON datasets.dataset USING gin (datasets.text_keys(pilot_id, searched, 1));
-- Nothing is planned by them, and to gather them would take seconds each time.
ALTER INDEX datasets.dataset_text ALTER COLUMN 1 SET STATISTICS 0;

-- Where datasets are that hold a text of three characters or more, of the scope's pilot and of no other, newest first. Under row-level security
-- no index may serve such a comparison: it could tell of rows that the policy hides. So this alone looks past the policy, asks for the pilot
-- itself, and gives nothing but places in the list; what stands there is read under the policy.
ALTER TABLE datasets.dataset NO FORCE ROW LEVEL SECURITY;
CREATE FUNCTION datasets.with_text(sought text, before_time timestamptz, before_id text, most integer)
  RETURNS TABLE (created_at timestamptz, dataset_id text)
  LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp
  SET enable_seqscan = off
BEGIN ATOMIC
  SELECT likely.created_at, likely.dataset_id
  FROM (
    -- Every third place holds each character once; more of them would cost more than the few rows that they rule out.
    SELECT d.pilot_id, d.created_at, d.dataset_id, d.searched FROM datasets.dataset d
    WHERE datasets.text_keys(d.pilot_id, d.searched, 1) @> datasets.text_keys(tenancy.pilot(), sought, 3)
    OFFSET 0) AS likely
  WHERE likely.pilot_id = tenancy.pilot() AND (likely.created_at, likely.dataset_id) < (before_time, before_id) AND length(sought) >= 3
    AND strpos(likely.searched, sought) > 0
  ORDER BY likely.created_at DESC, likely.dataset_id DESC LIMIT most;
END;
REVOKE ALL ON FUNCTION datasets.with_text(text, timestamptz, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION datasets.with_text(text, timestamptz, text, integer) TO ${app_role};
