#!/bin/busybox sh
# The first process of the emulated board's RAM root: kernel file systems, drivers, network, then the phone. The console tells
# how far it came, each line with the seconds since the kernel started.
export PATH=/usr/sbin:/usr/bin HOME=/root
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mkdir -p /dev/pts /dev/shm
mount -t devpts pts /dev/pts

said() {
  read -r now rest </proc/uptime
  echo "holdfast-init ${now%% *} $*"
}
# Of the kernel's command line: holdfast.NAME=VALUE.
told() { sed -n "s/.*holdfast\.$1=\([^ ]*\).*/\1/p" /proc/cmdline; }

said started
# phy-generic before dwc2, which otherwise waits for ever.
for module in phy-generic dwc2 cdc_ether i2c-bcm2835 i2c-dev bcm2835_wdt snd-aloop; do
  modprobe "$module" || said "no module $module"
done

# The clock on the panel: the kernel takes the time of day from it.
echo ds1307 0x68 >/sys/bus/i2c/devices/i2c-1/new_device || said "no clock"

tries=0
until [ -e /sys/class/net/eth0 ] || [ "$tries" -gt 600 ]; do
  sleep 0.1
  tries=$((tries + 1))
done
ip link set lo up
ip link set eth0 up
ip addr add "$(told address)" dev eth0
ip route add default via "$(told gateway)"
said network

mkdir -p /var/lib/holdfast /tmp
cd /opt/holdfast || exit
# One argument a line: nothing of them is read by a shell.
set -f
IFS='
'
# shellcheck disable=SC2046
set -- $(cat /etc/holdfast/arguments)
program() {
  case "$1" in
    # The drivers alone, for whoever connects: standard input and output are the connection.
    drive) nc -ll -p 5001 -e node scripts/holdfast.mjs "$@" ;;
    *) node scripts/holdfast.mjs "$@" </dev/null ;;
  esac
}
while :; do
  said "$1"
  program "$@"
  said "$1 ended with $?"
  sleep 2
done
