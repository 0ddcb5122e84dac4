#!/bin/busybox sh
# First process of the virtual machine. The machine's root is the host's root over 9p, read-only, under a tmpfs overlay;
# the project is mounted again above it, live and read-only, so that a rebuilt file is seen without a restart.
# Kernel command line: flexspoke.project=DIR flexspoke.kernel=DIR flexspoke.agent=FILE
b=/bin/busybox
$b mount -t devtmpfs dev /dev
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
while read -r module; do $b insmod "$module"; done </order

for word in $($b cat /proc/cmdline); do
  case $word in
    flexspoke.project=*) project=${word#*=} ;;
    flexspoke.kernel=*) kernel=${word#*=} ;;
    flexspoke.agent=*) agent=${word#*=} ;;
  esac
done

$b mkdir -p /host /tmpfs
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro host /host
$b mount -t tmpfs -o size=75% tmpfs /tmpfs
$b mkdir -p /tmpfs/upper /tmpfs/work
$b mount -t overlay -o lowerdir=/host,upperdir=/tmpfs/upper,workdir=/tmpfs/work overlay /root
for folder in proc sys dev run tmp lib/modules; do $b mkdir -p /root/$folder; done
$b ln -s /proc/self/fd /dev/fd
for pair in 0:stdin 1:stdout 2:stderr; do $b ln -s "fd/${pair%%:*}" "/dev/${pair#*:}"; done
$b mount --move /dev /root/dev
$b mount --move /sys /root/sys
$b mount --move /proc /root/proc
$b mount -t tmpfs -o mode=755 run /root/run
$b mount -t tmpfs tmp /root/tmp
$b mkdir -p /root/dev/pts /root/dev/shm /root/run/lab/bin /root/run/lab/hub /root/run/lab/modules
$b mount -t devpts devpts /root/dev/pts
$b mount -t tmpfs shm /root/dev/shm
# A project below /tmp lies under the tmpfs just mounted.
$b mkdir -p "/root$project"
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=mmap,ro project "/root$project"
$b mount --bind "/root$kernel/lib/modules" /root/lib/modules
# Disks: the hubs' root file system, and the Node executable, which is too large to read over 9p again and again.
$b mount -t squashfs -o ro /root/dev/vda /root/run/lab/hub
$b cat /root/dev/vdb >/root/run/lab/bin/node
$b chmod 755 /root/run/lab/bin/node

$b hostname lab
export PATH=/run/lab/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
exec $b switch_root -c /dev/console /root /bin/sh -c "
  ip link set lo up
  echo 0 >/proc/sys/kernel/printk
  /run/lab/bin/node '$agent'
  echo 'the agent ended' >/dev/console
  echo o >/proc/sysrq-trigger
  sleep 60"
