#!/usr/bin/env bash
# Print the path of Chromium or Chrome, installing Debian's Chromium where that needs no question.
# Prints nothing where there is none: the browser tests then skip, and say so. It never fails.
# LEADTIME_CHROMIUM=/path/to/chrome chooses one; LEADTIME_CHROMIUM= (empty) goes without.
set -euo pipefail

say() { echo "chromium: $*" >&2; }
find_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

if [ -n "${LEADTIME_CHROMIUM+set}" ]; then
  echo "$LEADTIME_CHROMIUM"
  exit
fi
find_browser && exit

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  as_root=(sudo --non-interactive)
fi
if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
  say "installing Debian's Chromium for the browser tests (once, about 100 MB)"
  apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq)
  if { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends chromium fonts-liberation; } >/dev/null; then
    find_browser && exit
  fi
fi
say "there is no Chromium, and it could not be installed from here: the browser tests will be skipped."
say "To run them, install it (Debian: sudo apt-get install chromium; Ubuntu: sudo snap install chromium),"
say "or name a Chrome that you have: LEADTIME_CHROMIUM=/path/to/chrome make test"
