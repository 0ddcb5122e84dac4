#!/bin/sh
# Debian's arm64 kernel for the image, unpacked. From backports: the stable one does not know the Pi 5's peripherals.
# Prints the item's folder: Image (raw), dtbs, lib/modules, release.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lab/cache.sh"
. "$here/../arm64/debian.sh"
target=$(item arm64-kernel "$here/kernel.sh" "$here/../arm64/debian.sh")
if [ ! -e "$target/release" ]; then
  arm64_refresh
  begin "$target"
  version=$(arm64_show linux-image-arm64/$arm64_suite-backports | sed -n 's/^Depends:.*linux-image-\([^ ]*\) .*/\1/p' | head -n 1)
  [ -n "$version" ] || { say "the archive names no arm64 kernel"; exit 1; }
  say "downloading the arm64 kernel $version"
  arm64_download "$work/debs" "linux-base-$version" "linux-binary-$version" "linux-modules-$version"
  for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$work/all"; done
  tree=$work/all/usr/lib/modules/$version
  mkdir -p "$work/lib/modules/$version" "$work/dtbs"
  mv "$(find "$tree" -maxdepth 1 -name 'vmlinu*' | head -n 1)" "$work/vmlinuz"
  find "$work/all" -name 'bcm2[78]*-rpi-*.dtb' -exec cp {} "$work/dtbs" ';'
  mv "$tree"/kernel "$tree"/modules.* "$work/lib/modules/$version"
  rm -rf "$work/all" "$work/debs"
  depmod -b "$work" "$version"
  # What the archive calls vmlinuz is the image itself, or a compressed one.
  if gzip -tq "$work/vmlinuz" 2>/dev/null; then gzip -dc "$work/vmlinuz" >"$work/Image"; rm "$work/vmlinuz"; else mv "$work/vmlinuz" "$work/Image"; fi
  echo "$version" >"$work/release"
  touch "$work/used"
  finish "$target"
fi
touch "$target/used"
echo "$target"
