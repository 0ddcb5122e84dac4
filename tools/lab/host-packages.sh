#!/bin/sh
# Debian packages that this machine itself needs for the lab: the emulator, the tools that build the hub's root file
# system, and the network tools that the native lane runs in namespaces.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"

packages="qemu-system-x86 busybox-static kmod cpio xz-utils mmdebstrap squashfs-tools debian-archive-keyring
  binutils iproute2 iputils-ping nftables tcpdump conntrack iperf3 procps util-linux openssl ppp pppoe socat mosquitto mosquitto-clients chromium
  fonts-dejavu-core snmp snmptrapd mandoc zsh
  dnsmasq-base dropbear-bin udhcpc openssh-client
  qemu-system-arm qemu-user-static binutils-aarch64-linux-gnu mtools dosfstools fdisk e2fsprogs cryptsetup-bin u-boot-tools device-tree-compiler zstd
  patchelf musl"

missing=
for package in $packages; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  if [ "$state" != installed ]; then missing="$missing $package"; fi
done
[ -n "$missing" ] || exit 0

apt_refresh
say "installing$missing"
# No service of these packages may start: iperf3 asks, mosquitto and snmptrapd are started by the tests themselves.
echo 'iperf3 iperf3/start_daemon boolean false' | as_root debconf-set-selections 2>/dev/null || true
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
