# U-Boot script of every board: chooses the slot, counts a trial down, starts the kernel. @NAMES@ are put in by the build.
# At U-Boot's prompt, `setenv arguments WORDS; boot` adds words to the kernel's command line for one start.

if test "${devtype}" = virtio; then
  setenv at_state 0x4ff00000; setenv at_initramfs 0x48100000; setenv board qemu-virt
  setenv kernel_comp_addr_r 0x50000000
else
  setenv at_state 0x09f00000; setenv at_initramfs 0x08100000; setenv board raspberrypi
  setenv kernel_comp_addr_r 0x0a000000; setenv fdt_addr_r 0x08000000
  # The Pi 5's second stepping has a device tree of its own. U-Boot takes both for one; the firmware's own tree tells.
  if test "${fdtfile}" = broadcom/bcm2712-rpi-5-b.dtb && fdt addr ${fdt_addr}; then
    if fdt get value pinctrl /soc@107c000000/pinctrl@7d504100 compatible && test "${pinctrl}" = "brcm,bcm2712d0-pinctrl"; then
      setenv fdtfile broadcom/bcm2712-d-rpi-5-b.dtb
    fi
  fi
fi
setenv kernel_comp_size 0x2000000

# The state of the slots is twice on the disk, each copy with a checksum: a write that power cuts leaves the other.
setenv slot A; setenv trial -; setenv tries 0
${devtype} dev ${devnum}
if ${devtype} read ${at_state} @STATE0@ 1 && env import -c ${at_state} 0x200 slot trial tries; then
  echo "slot ${slot}, on trial ${trial}, tries ${tries}"
else
  if ${devtype} read ${at_state} @STATE1@ 1 && env import -c ${at_state} 0x200 slot trial tries; then
    echo "slot ${slot}, on trial ${trial}, tries ${tries} (second copy)"
  else
    echo "no state of the slots: A is started"
    setenv slot A; setenv trial -; setenv tries 0
  fi
fi

# A trial is started once. Who has not confirmed it until the next start has lost it.
setenv first ${slot}
if test "${trial}" != "-"; then
  if test "${tries}" = "0"; then
    echo "the trial of ${trial} was not confirmed: back to ${slot}"
    setenv trial -
  else
    setenv tries 0
    setenv first ${trial}
  fi
  env export -c -s 0x200 ${at_state} slot trial tries
  ${devtype} write ${at_state} @STATE0@ 1
  ${devtype} write ${at_state} @STATE1@ 1
fi
if test "${first}" = A; then setenv second B; else setenv second A; fi

for run in ${first} ${second}; do
  if test "${run}" = A; then setenv part @BOOT_A@; else setenv part @BOOT_B@; fi
  setenv on_trial 0
  if test "${run}" = "${trial}"; then setenv on_trial 1; fi
  if load ${devtype} ${devnum}:${part} ${kernel_addr_r} kernel && load ${devtype} ${devnum}:${part} ${at_initramfs} initramfs; then
    setenv initramfs_size ${filesize}
    setenv bootargs "@CONSOLE@ panic=5 quiet loglevel=4 flexspoke.disk=@DISK@ flexspoke.board=${board} flexspoke.slot=${run} flexspoke.trial=${on_trial} @ARGUMENTS@ ${arguments}"
    if test "${board}" = qemu-virt; then
      booti ${kernel_addr_r} ${at_initramfs}:${initramfs_size} ${fdtcontroladdr}
    else
      if load ${devtype} ${devnum}:${part} ${fdt_addr_r} dtbs/${fdtfile}; then
        booti ${kernel_addr_r} ${at_initramfs}:${initramfs_size} ${fdt_addr_r}
      else
        booti ${kernel_addr_r} ${at_initramfs}:${initramfs_size} ${fdt_addr}
      fi
    fi
  fi
  echo "slot ${run} does not start"
done
sleep 5
reset
