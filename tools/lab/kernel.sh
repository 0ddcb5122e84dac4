#!/bin/sh
# Debian's stock kernel for the virtual machine, unpacked, not installed.
# Item: vmlinux (uncompressed: emulated, unpacking costs seconds), lib/modules, release.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"
target=$(item kernel "$here/kernel.sh")
if [ -e "$target/release" ]; then
  touch "$target/used"
  exit 0
fi

apt_refresh
begin "$target"
# The metapackage names the generic flavour's newest version; the cloud flavour has no 9p.
package=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: //p' | head -n 1)
say "downloading the kernel: $package"
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$package")
dpkg-deb -x "$work"/linux-image-*.deb "$work"
release=$(ls "$work/lib/modules")
rm -rf "$work"/linux-image-*.deb "$work/usr"

depmod -b "$work" "$release"

# vmlinuz is a loader with an xz stream in it. Where that can't be found, the loader itself boots too, only slower.
image=$work/boot/vmlinuz-$release
offset=$(grep -abo "$(printf '\375\067\172\130\132')" "$image" | head -n 1 | cut -d: -f1 || true)
if [ -n "$offset" ]; then tail -c +$((offset + 1)) "$image" | xz -dcq >"$work/vmlinux" 2>/dev/null || true; fi
if [ "$(head -c 4 "$work/vmlinux" 2>/dev/null | tail -c 3)" != ELF ]; then mv "$image" "$work/vmlinux"; fi
rm -rf "$work/boot"

touch "$work/used"
echo "$release" >"$work/release"
finish "$target"
