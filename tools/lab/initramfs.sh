#!/bin/sh
# What the virtual machine's kernel starts with: busybox, the modules of guest-modules and guest-init.sh.
# Item: initrd.img.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"
kernel=$(item kernel "$here/kernel.sh")
target=$(item initramfs "$here/initramfs.sh" "$here/guest-init.sh" "$here/guest-modules" "$kernel/release")
if [ -e "$target/initrd.img" ]; then
  touch "$target/used"
  exit 0
fi

begin "$target"
release=$(cat "$kernel/release")
say "making the initramfs for kernel $release"
tree=$work/initramfs
modules=lib/modules/$release
mkdir -p "$tree/bin" "$tree/dev" "$tree/proc" "$tree/sys" "$tree/root" "$tree/$modules"
cp "$(command -v busybox)" "$tree/bin/busybox"
cp "$here/guest-init.sh" "$tree/init"
chmod 755 "$tree/init"
grep -v '^#' "$here/guest-modules" | tr -s ' \n' '\n' | grep . >"$tree/modules"
# insmod order with everything a module depends on; what is built in has no file.
while read -r module; do
  modprobe -d "$kernel" -S "$release" --show-depends "$module" 2>/dev/null || say "kernel $release has no module $module"
done <"$tree/modules" | sed -n 's/^insmod //p' | awk '!seen[$1]++ { print $1 }' >"$tree/order.host"
while read -r file; do
  name=${file##*/}
  cp "$file" "$tree/$modules/$name"
  echo "/$modules/$name"
done <"$tree/order.host" >"$tree/order"
rm "$tree/order.host" "$tree/modules"
(cd "$tree" && find . | cpio --quiet -o -H newc) >"$work/initrd.tmp"
rm -rf "$tree"

touch "$work/used"
mv "$work/initrd.tmp" "$work/initrd.img"
finish "$target"
