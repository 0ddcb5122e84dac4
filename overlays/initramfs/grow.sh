# Sourced by init. The data partition is the last one: at the first start it takes in the rest of the disk.

# number DISK OFFSET: four bytes of it, little-endian, as a decimal number.
number() {
  hexdump -s "$2" -n 4 -e '1/4 "%u"' "/dev/$1"
}

# put DISK OFFSET NUMBER: writes four bytes, little-endian.
put() {
  bytes=$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($3 & 255)) $(($3 >> 8 & 255)) $(($3 >> 16 & 255)) $(($3 >> 24 & 255)))
  printf "$bytes" | dd of="/dev/$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# grow DISK PARTITION: makes the partition end where the disk ends. Each write is of one sector, and done again at the next
# start where power was cut between them.
grow() {
  sectors=$(cat "/sys/block/$1/size")
  # At most what 32 bits count; whole MiB, as everything else on the disk.
  [ "$sectors" -le 4294967295 ] || sectors=4294967295
  end=$((sectors / 2048 * 2048))
  start=$(cat "/sys/block/$1/${2##*/}/start")
  extended=$(number "$1" 502)
  table=$((start - 2048))
  wanted=$((end - start))
  if [ "$(number "$1" $((table * 512 + 458)))" -lt "$wanted" ]; then
    put "$1" $((table * 512 + 458)) "$wanted"
    put "$1" 506 $((end - extended))
    sync
    blockdev --rereadpt "/dev/$1"
    e2fsck -fp "$2" >/dev/null 2>&1
    resize2fs "$2" >/dev/null 2>&1
  fi
}
