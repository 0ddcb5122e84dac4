#!/bin/sh
# Debian's C and C++ libraries for arm64: what an arm64 Node needs to run on this machine under the emulator, and what
# the OpenWrt package carries with it. Prints the item's folder; its libraries are in usr/lib/aarch64-linux-gnu.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lab/cache.sh"
. "$here/debian.sh"
target=$(item arm64-sysroot "$here/sysroot.sh" "$here/debian.sh")
if [ ! -e "$target/used" ]; then
  arm64_refresh
  begin "$target"
  say "downloading the arm64 C library"
  arm64_download "$work/debs" libc6 libstdc++6 libgcc-s1
  for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$work"; done
  rm -rf "$work/debs" "$work/usr/share"
  # Packages of today leave the link from /lib to usr/lib to the installation.
  [ -e "$work/lib" ] || ln -s usr/lib "$work/lib"
  touch "$work/used"
  finish "$target"
fi
touch "$target/used"
echo "$target"
