#!/bin/sh
# interop.sh RILL [FILE…]: the tests that drive the rill command from outside, browsers included.
cd "$(dirname "$0")/../tests/interop" || exit 2
RILL=$(cd ../.. && realpath "$1") || exit 2
export RILL
shift
../../scripts/npm.sh || exit 1
[ $# -gt 0 ] || set -- ./*.test.mjs
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# One file after the other: the machine has two cores, and calls want real time.
passed=0
failed=0
for file in "$@"; do
    if timeout -k 5 300 node --test "$file" >"$log" 2>&1; then
        n=$(sed -n 's/^[#ℹ] pass \([0-9]*\).*/\1/p' "$log" | tail -n 1)
        passed=$((passed + ${n:-0}))
        echo "ok     $file (${n:-0})"
    else
        n=$(sed -n 's/^[#ℹ] pass \([0-9]*\).*/\1/p' "$log" | tail -n 1)
        bad=$(sed -n 's/^[#ℹ] fail \([0-9]*\).*/\1/p' "$log" | tail -n 1)
        passed=$((passed + ${n:-0}))
        failed=$((failed + ${bad:-1}))
        echo "FAILED $file"
        cat "$log"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
