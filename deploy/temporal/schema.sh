#!/bin/sh
# The schemas of the Temporal server, made or brought up to date before it starts. A second run changes nothing.
set -eu
SQL_PASSWORD=$(cat /run/secrets/temporal-password)
export SQL_PASSWORD
for pair in temporal:temporal temporal_visibility:visibility; do
  database=${pair%%:*} schema=/etc/temporal/schema/postgresql/v12/${pair##*:}/versioned
  # Fails on a schema that is there already, which the update then finds.
  temporal-sql-tool --database "$database" setup-schema --version 0.0 || echo "$database has a schema already"
  temporal-sql-tool --database "$database" update-schema --schema-dir "$schema"
done
