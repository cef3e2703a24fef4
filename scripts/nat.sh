#!/bin/sh
# nat.sh RILL: every pairing of NATs in network namespaces: the table, and last the count of cells.
RILL=$(realpath "$1") || exit 2
cd "$(dirname "$0")/../tests/interop" || exit 2
NAT_TABLE=$(mktemp)
export RILL NAT_TABLE
trap 'rm -f "$NAT_TABLE"' EXIT
log=$(timeout -k 5 300 node --test nat.test.mjs 2>&1)
code=$?
[ $code -eq 0 ] && [ -s "$NAT_TABLE" ] || echo "$log"
if [ -s "$NAT_TABLE" ]; then cat "$NAT_TABLE"; else echo "0 cells passed"; fi
exit $code
