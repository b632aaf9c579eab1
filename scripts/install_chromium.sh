#!/usr/bin/env bash
# Print the path of Chromium or Chrome, installing Debian's Chromium where that needs no question.
# Prints nothing where there is none: the browser tests then skip, and say so. It never fails.
# LEADTIME_CHROMIUM=/path/to/chrome chooses one; LEADTIME_CHROMIUM= (empty) goes without.
set -euo pipefail

say() { echo "chromium: $*" >&2; }
find_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
# shellcheck source=scripts/apt.sh
. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"

if [ -n "${LEADTIME_CHROMIUM+set}" ]; then
  echo "$LEADTIME_CHROMIUM"
  exit
fi
find_browser && exit

why="it was installed, and is not on the path"
if install_by_apt "Debian's Chromium for the browser tests (once, about 100 MB)" chromium fonts-liberation; then
  find_browser && exit
fi
say "there is no Chromium, and it could not be installed from here: the browser tests will be skipped."
say "Why: $why."
say "To run them, install it (Debian: sudo apt-get install chromium; Ubuntu: sudo snap install chromium),"
say "or name a Chrome that you have: LEADTIME_CHROMIUM=/path/to/chrome make test"
