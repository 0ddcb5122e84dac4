#!/bin/sh
# What boards start with: the Raspberry Pi's firmware, and U-Boot for it and for the emulator. Prints the item's folder.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lab/cache.sh"
. "$here/../arm64/debian.sh"
target=$(item arm64-boot-files "$here/boot-files.sh" "$here/../arm64/debian.sh")
if [ ! -e "$target/used" ]; then
  arm64_refresh
  begin "$target"
  say "downloading the boards' boot files"
  arm64_download "$work/debs" raspi-firmware u-boot-rpi u-boot-qemu
  for deb in "$work"/debs/*.deb; do
    dpkg-deb -x "$deb" "$work/all"
    dpkg-deb -W --showformat '${Package} ${Version}\n' "$deb" >>"$work/versions"
  done
  mv "$work/all/usr/lib/raspi-firmware" "$work/raspi-firmware"
  mv "$work/all/usr/lib/u-boot" "$work/u-boot"
  rm -rf "$work/all" "$work/debs"
  touch "$work/used"
  finish "$target"
fi
touch "$target/used"
echo "$target"
