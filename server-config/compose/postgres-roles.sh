#!/bin/sh
# Runs once, on an empty data directory: the owner makes tables, the app works under row security.
set -eu

psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
  --set owner_password="$PILOTHOUSE_OWNER_PASSWORD" --set app_password="$PILOTHOUSE_APP_PASSWORD" <<'SQL'
CREATE ROLE pilothouse_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE pilothouse_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'app_password';
CREATE DATABASE pilothouse OWNER pilothouse_owner;
REVOKE ALL ON DATABASE pilothouse FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE pilothouse TO pilothouse_app;
SQL
