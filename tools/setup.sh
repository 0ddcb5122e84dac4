#!/bin/sh
# Makes this machine able to run every lane of the tests and the demo. Needs Debian 12 or 13 with Node, npm and make, and
# root or sudo. Safe to run again at any time: what is there already is not touched, and then no network is needed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/lab/cache.sh"

sh "$here/lab/host-packages.sh"
sh "$here/lab/kernel.sh"
sh "$here/lab/initramfs.sh"
sh "$here/lab/hub-root.sh"
prune_cache
