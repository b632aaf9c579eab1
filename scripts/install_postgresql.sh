#!/usr/bin/env bash
# Install Debian's PostgreSQL where that needs no question, for the tests of the server's store. It never fails, and prints nothing
# to stdout: where there is none, those tests are skipped, and say so. LEADTIME_POSTGRESQL=no goes without.
set -euo pipefail

say() { echo "postgresql: $*" >&2; }
has_it() { command -v initdb >/dev/null || compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null; }
# shellcheck source=scripts/apt.sh
. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"

[ "${LEADTIME_POSTGRESQL:-}" = no ] && exit
has_it && exit

# Its own cluster is not wanted: the tests make one of their own, and remove it.
if [ ! -e /etc/postgresql-common/createcluster.conf ] && may_install; then
  "${as_root[@]}" mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
why="it was installed, and is not where Debian puts it"
if install_by_apt "Debian's PostgreSQL for the tests of the store (once, about 50 MB)" postgresql; then
  has_it && exit
fi
say "there is no PostgreSQL, and it could not be installed from here: its tests will be skipped."
say "Why: $why."
say "To run them, install it: sudo apt-get install postgresql (Debian, Ubuntu). LEADTIME_POSTGRESQL=no make test goes without."
