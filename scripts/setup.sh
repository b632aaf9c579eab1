#!/usr/bin/env bash
# Install the packages of a lock file, and leadtime itself, in .venv.   scripts/setup.sh LOCK
# $PYTHON names the interpreter; without it, the first suitable one on the path.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE # the packages are byte-compiled below

readonly lock=$1 venv=.venv

say() { echo "setup: $*" >&2; }
is_supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }
can_make_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

choose_python() {
  local python without_venv=""
  for python in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
    is_supported "$python" || continue
    if can_make_venv "$python"; then
      echo "$python"
      return
    fi
    without_venv=${without_venv:-$python}
  done
  if [ -n "$without_venv" ]; then
    local package
    package=$("$without_venv" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    say "$without_venv cannot make virtual environments: its venv module is not installed."
    say "On Debian or Ubuntu: sudo apt-get install $package"
  elif [ -n "${PYTHON:-}" ]; then
    say "PYTHON=$PYTHON is not a Python 3.11, 3.12 or 3.13 that starts."
  else
    say "leadtime needs Python 3.11, 3.12 or 3.13, and none is on the path."
    say "On Debian or Ubuntu: sudo apt-get install python3 python3-venv"
    say "If one is installed elsewhere, name it: make report PYTHON=/path/to/python3.12"
  fi
  return 1
}

if ! { is_supported $venv/bin/python && $venv/bin/python -m pip --version >/dev/null 2>&1; }; then
  python=$(choose_python)
  say "making $venv with $("$python" --version)"
  "$python" -m venv --clear $venv
fi

say "installing $(grep -c '^[a-z].*==' "$lock") packages from $lock (a minute or so the first time)"
pip() { $venv/bin/python -m pip -qq --disable-pip-version-check "$@"; }
pip install --no-compile --require-hashes -r "$lock"
pip install --no-deps --no-build-isolation --editable .
# One process per core, where pip would use one; files that are up to date are skipped, and a package's
# broken example file is no reason to stop.
$venv/bin/python -m compileall -qq -j 0 "$($venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" || true
