#!/bin/sh
# The Debian packages of board/packages with all they depend on, unpacked over each other. Prints the item's folder.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lab/cache.sh"
. "$here/../arm64/debian.sh"
list=$here/../../board/packages
target=$(item arm64-packages "$here/packages.sh" "$here/../arm64/debian.sh" "$list")
if [ ! -e "$target/used" ]; then
  arm64_refresh
  begin "$target"
  # What only installations need, never the programs: nothing of it is copied into the image anyway.
  needless='^(perl|perl-.*|libperl.*|debconf|adduser|passwd|login.defs|tzdata|ucf|libdb5.*|init-system-helpers|base-passwd|procps)$'
  # shellcheck disable=SC2046
  set -- $(arm64_apt_get install -s --no-install-recommends $(grep -v '^#' "$list") |
    sed -n 's/^Inst \([^ ]*\) .*/\1/p' | grep -vE "$needless")
  say "downloading $# arm64 packages"
  arm64_download "$work/debs" "$@"
  for deb in "$work"/debs/*.deb; do
    dpkg-deb -x "$deb" "$work/root"
    dpkg-deb -W --showformat '${Package} ${Version}\n' "$deb" >>"$work/versions"
  done
  rm -rf "$work/debs" "$work/root/usr/share/doc" "$work/root/usr/share/man" "$work/root/usr/share/locale"
  for merged in lib bin sbin; do
    [ -L "$work/root/$merged" ] || [ -e "$work/root/$merged" ] || ln -s "usr/$merged" "$work/root/$merged"
  done
  touch "$work/used"
  finish "$target"
fi
touch "$target/used"
echo "$target"
