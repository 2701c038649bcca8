#!/bin/busybox sh
# The first process of the SD card: finds the card by the number in its partition table, and gives way to the root file system on it.
export PATH=/bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs -o mode=0755 run /run

said() { echo "holdfast-card: $*" >/dev/console; }

for module in fixed gpio-regulator bcm2835 sdhci_iproc squashfs phy_generic; do
  modprobe "$module" || said "no module $module"
done

wanted=$(sed -n 's/.*root=PARTUUID=\([0-9a-f]*\)-02.*/\1/p' /proc/cmdline)
# The number stands behind the boot code, in little endian (IBM PC master boot record).
number() { dd if="$1" bs=1 skip=440 count=4 2>/dev/null | hexdump -e '1/4 "%08x"'; }

root=
tries=0
while [ -z "$root" ] && [ "$tries" -lt 600 ]; do
  for disk in /dev/mmcblk[0-9] /dev/sd[a-z]; do
    [ -b "$disk" ] || continue
    [ "$(number "$disk")" = "$wanted" ] || continue
    for part in "${disk}p2" "${disk}2"; do
      [ -b "$part" ] && root=$part
    done
  done
  [ -n "$root" ] || sleep 0.1
  tries=$((tries + 1))
done

if [ -z "$root" ] || ! mount -t squashfs -o ro "$root" /newroot; then
  said "no root file system on a card with the number $wanted: starting again in 10 s"
  sleep 10
  reboot -f
fi
for tree in dev proc sys run; do mount --move "/$tree" "/newroot/$tree"; done
exec switch_root /newroot /sbin/init
