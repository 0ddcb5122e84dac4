#!/bin/sh
# Root file system of the hubs: Debian 13 with strongSwan, libreswan and OpenIKED, whatever Debian the host has.
# Item: root (for hubs in namespaces of this machine) and root.squashfs (the same, as a disk of the virtual machine).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"
target=$(item hub-root "$here/hub-root.sh")
if [ -e "$target/root.squashfs" ]; then
  touch "$target/used"
  exit 0
fi

suite=trixie
packages=strongswan-charon,strongswan-swanctl,strongswan-pki,libstrongswan-standard-plugins,libstrongswan-extra-plugins
packages=$packages,libcharon-extra-plugins,libcharon-extauth-plugins
packages=$packages,openssl,iproute2,iputils-ping,nftables,tcpdump,iperf3,procps,kmod
# What libreswan and OpenIKED link with or call. They and strongSwan exclude each other as packages, not as files.
packages=$packages,libnss3-tools,libaudit1,libcap-ng0,libcurl3t64-gnutls,libevent-2.1-7t64,libevent-core-2.1-7t64
packages=$packages,libevent-pthreads-2.1-7t64,libldap2,libldns3t64,libunbound8,libselinux1,libseccomp2,libpam0g,libsystemd0

apt_refresh
# The mirror that this machine's own apt uses; only the suite is ours.
mirror=$(apt_field '$(REPO_URI)' | head -n 1)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -n "$mirror" ] || { say "apt has no Debian mirror configured"; exit 1; }

begin "$target"
apt-config dump | grep -iE '^Acquire::(http|https)::Proxy|^Acquire::Check-' >"$work/apt.conf" || true
say "building the hubs' root file system ($suite, about two minutes)"
as_root mmdebstrap --quiet --mode=root --variant=essential --include="$packages" \
  --aptopt='Acquire::Languages "none"' --aptopt="$work/apt.conf" \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook="mkdir $work/debs && cd $work/debs && APT_CONFIG=\"\$MMDEBSTRAP_APT_CONFIG\" apt-get download -qq \
    -o APT::Sandbox::User=root libreswan openiked" \
  --customize-hook="for deb in $work/debs/*.deb; do dpkg-deb -x \$deb \"\$1\"; done" \
  "$suite" "$work/root" "deb [signed-by=$keyring] $mirror $suite main"
as_root rm -rf "$work/debs" "$work/apt.conf"
# What OpenIKED's own installation would have made: the user that its parts run as, and their empty root.
echo '_iked:x:990:65534::/var/lib/openiked/empty:/usr/sbin/nologin' | as_root tee -a "$work/root/etc/passwd" >/dev/null
as_root mkdir -p "$work/root/var/lib/openiked/empty"
# Places that a hub mounts its own files on.
as_root mkdir -p "$work/root/etc/swanctl" "$work/root/etc/ipsec.d" "$work/root/etc/iked" "$work/root/run" "$work/root/lab"
say "packing it for the virtual machine"
as_root mksquashfs "$work/root" "$work/hub.img" -comp lz4 -noappend -no-progress -no-xattrs -quiet >/dev/null
touch "$work/used"
mv "$work/hub.img" "$work/root.squashfs"
finish "$target"
