#!/usr/bin/env bash
# Install Debian's PostgreSQL where that needs no question, for the tests of the server's store. It never fails, and prints nothing
# to stdout: where there is none, those tests are skipped, and say so. LEADTIME_POSTGRESQL=no goes without.
set -euo pipefail

say() { echo "postgresql: $*" >&2; }
has_it() { command -v initdb >/dev/null || compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null; }

[ "${LEADTIME_POSTGRESQL:-}" = no ] && exit
has_it && exit

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  as_root=(sudo --non-interactive)
fi
if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
  say "installing Debian's PostgreSQL for the tests of the store (once, about 50 MB)"
  apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq)
  # its own cluster is not wanted: the tests make one of their own, and remove it
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    "${as_root[@]}" mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  if { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends postgresql; } >/dev/null 2>&1; then
    has_it && exit
  fi
fi
say "there is no PostgreSQL, and it could not be installed from here: its tests will be skipped."
