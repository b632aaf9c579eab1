#!/usr/bin/env bash
# Install what Debian's other languages are made of where that needs no question, for the tests of locales. It never fails, and prints
# nothing to stdout: where they are not there, those tests are skipped, and say so. LEADTIME_LOCALES=no goes without.
set -euo pipefail

say() { echo "locales: $*" >&2; }
has_it() { command -v localedef >/dev/null && [ -e /usr/share/i18n/locales/tr_TR ]; }

[ "${LEADTIME_LOCALES:-}" = no ] && exit
has_it && exit

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  as_root=(sudo --non-interactive)
fi
if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
  say "installing Debian's locales for the tests of languages (once, about 15 MB)"
  apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq)
  if { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends locales; } >/dev/null 2>&1; then
    has_it && exit
  fi
fi
say "Turkish and German cannot be made here: their tests will be skipped."
