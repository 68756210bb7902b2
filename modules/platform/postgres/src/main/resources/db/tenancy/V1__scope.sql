-- Policies ask these functions, so that what a scope means stands in one place. A setting that was
-- never made is null or empty and matches nothing.
CREATE FUNCTION tenancy.is_platform() RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN coalesce(current_setting('pilothouse.platform', true), '') = 'on';

CREATE FUNCTION tenancy.sees(pilot text) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN tenancy.is_platform()
    OR (pilot IS NOT NULL AND pilot <> '' AND pilot = current_setting('pilothouse.pilot', true));

GRANT USAGE ON SCHEMA tenancy TO ${app_role};
