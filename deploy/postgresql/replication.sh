#!/usr/bin/env bash
# A PostgreSQL primary and a standby that streams from it, from the programs of Debian's package postgresql. As the account that the server is to run as:
#
#   replication.sh primary DIR PASSWORD_FILE              makes an empty cluster whose account postgres has that password
#   replication.sh standby DIR NAME PRIMARY PASSWORD_FILE copies the primary (HOST:PORT) and has the copy stream from it under that name
#   replication.sh promote DIR                            makes the standby the primary
#
# DIR/replication.conf holds what each side needs beside its port; the primary waits for a standby when its name is put there:
#   synchronous_standby_names = 'ANY 1 (standby_1, standby_2)'
# A promoted standby waits for nobody until that is set for it as well, and reloaded: name its own standbys as soon as there are some.
set -euo pipefail

BIN=${PG_BIN:-$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)}
[ -x "$BIN/pg_basebackup" ] || { echo "no PostgreSQL server below /usr/lib/postgresql: apt-get install postgresql, or set PG_BIN" >&2; exit 1; }

usage() { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }

case "${1:-}" in
  primary)
    [ $# -eq 3 ] || usage
    dir=$2 password=$3
    "$BIN/initdb" --pgdata="$dir" --username=postgres --auth=scram-sha-256 --pwfile="$password" --encoding=UTF8 --no-locale >/dev/null
    cat >"$dir/replication.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
wal_level = replica
max_wal_senders = 10
# A standby that was away catches up from here; beyond it has to be copied anew.
wal_keep_size = 1GB
# With the name of a standby: an answered commit is on its disk as well.
synchronous_commit = on
synchronous_standby_names = ''
CONF
    echo "include 'replication.conf'" >>"$dir/postgresql.conf"
    ;;
  standby)
    [ $# -eq 5 ] || usage
    dir=$2 name=$3 host=${4%:*} port=${4##*:}
    PGPASSWORD=$(cat "$5") "$BIN/pg_basebackup" --pgdata="$dir" --wal-method=stream --checkpoint=fast --write-recovery-conf \
      --dbname="host=$host port=$port user=postgres application_name=$name"
    # Under this name the primary waits for it. It waits for nobody when it is promoted.
    printf "cluster_name = '%s'\nsynchronous_standby_names = ''\n" "$name" >>"$dir/replication.conf"
    ;;
  promote)
    [ $# -eq 2 ] || usage
    "$BIN/pg_ctl" promote --pgdata="$2" --wait --timeout=60 >/dev/null
    ;;
  *) usage ;;
esac
