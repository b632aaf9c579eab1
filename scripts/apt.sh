# For the scripts beside it, where `say` tells: Debian's packages, installed where that needs no question.
#   may_install              sets ${as_root[@]}; fails where it would have to ask
#   install_by_apt WHAT PACKAGE...
# Both return 1 where it cannot be, and $why says what stood in the way, to be told with what to do.

# shellcheck shell=bash disable=SC2034
as_root=()

may_install() {
  if ! command -v apt-get >/dev/null; then
    why="apt-get is not here, so this is no Debian or Ubuntu"
    return 1
  fi
  [ "$(id -u)" -ne 0 ] || return 0
  as_root=(sudo --non-interactive)
  "${as_root[@]}" true 2>/dev/null && return 0
  why="installing wants root, and sudo is not here or asks for a password"
  return 1
}

install_by_apt() {
  local what=$1 said apt
  shift
  may_install || return 1
  say "installing $what"
  apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq)
  said=$({ "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "$@"; } 2>&1 >/dev/null) && return 0
  why="apt-get failed, as it does without a network: $(printf '%s\n' "$said" | sed '/^[[:space:]]*$/d' | tail -n 1)"
  return 1
}
