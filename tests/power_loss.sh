#!/usr/bin/env bash
# Takes the power from under a store, again and again: a small ext4 of its own is shut down in the middle of writing,
# without the journal or any cached page being flushed; then it is mounted again, and what was acknowledged is looked for.
#
#   tests/power_loss.sh [ROUNDS] [BACKEND]
#
# BACKEND is `sqlite` or `sled`. `sqlite-normal` and `sled-normal` do not synchronise their writes and have to lose some,
# or this shows nothing.
# What the device was given survives here, flushed or not: a device that loses its cache is not simulated.
# Needs root, loop devices and python3; says so and ends with success where they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-25}
backend=${2:-sqlite}

cargo build --quiet --package koinon-tests --bin fault-scenario
scenario=$(realpath "${CARGO_TARGET_DIR:-target}/debug/fault-scenario")

work=$(mktemp -d)
mounted=$work/mounted
mkdir "$mounted"
running=
clean() {
    if [ -n "$running" ]; then kill -9 "$running" 2>/dev/null || true; wait "$running" 2>/dev/null || true; fi
    umount "$mounted" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT

new_file_system() {
    rm -f "$work/image"
    truncate -s 96M "$work/image"
    mkfs.ext4 -q -F "$work/image"
    mount -o loop "$work/image" "$mounted"
}

# EXT4_IOC_SHUTDOWN without flushing the journal. What counts as acknowledged is what was, right before it: an fsync that
# is under way while ext4 shuts down may report success for nothing, to every program, which no loss of power does.
cut_power() {
    python3 -c 'import fcntl, os, shutil, struct, sys
device = os.open(sys.argv[1], os.O_RDONLY)
shutil.copyfile(sys.argv[2], sys.argv[3])
fcntl.ioctl(device, 0x8004587D, struct.pack("I", 2))' "$mounted" "$work/output" "$work/acknowledged"
}

: >"$work/output"
if ! { new_file_system && cut_power && umount "$mounted"; } 2>"$work/reason"; then
    echo "skipped: no file system can be mounted and shut down here: $(tail -1 "$work/reason")"
    exit 0
fi

# One round; says what was found, or fails.
round() {
    local seed=$1
    new_file_system
    mkdir "$mounted/data"
    # Made before the power goes: a store that is not there yet has nothing to lose.
    "$scenario" run "$backend" "$mounted/data" "$seed" 0
    "$scenario" run "$backend" "$mounted/data" "$seed" 1000000 >"$work/output" 2>/dev/null &
    running=$!
    sleep "$((RANDOM % 3)).$(printf %03d $((RANDOM % 1000)))"
    cut_power
    wait "$running" || true
    running=
    umount "$mounted"
    mount -o loop "$work/image" "$mounted"
    local result=0
    timeout 120 "$scenario" verify "$backend" "$mounted/data" "$seed" "$work/acknowledged" 100 || result=1
    umount "$mounted"
    return $result
}

bad=0
for seed in $(seq 1 "$rounds"); do
    if ! round "$seed"; then
        echo "round $seed: LOST OR DAMAGED"
        bad=$((bad + 1))
    fi
done
echo "$backend: $rounds losses of power, $bad with something acknowledged lost, halved or damaged"
[ "$bad" -eq 0 ]
