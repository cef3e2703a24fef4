#!/bin/sh
# jsep.sh: offer and answer alone: descriptions, peers, random histories, the command, and calls
# that change with browsers. The last line counts the tests of all of them.
cd "$(dirname "$0")/.." || exit 2
programs=
for source in tests/sdp/*_test.c tests/peer/*_test.c tests/call/histories_test.c; do
    programs="$programs build/asan/${source%.c}"
done
make --no-print-directory -s -j2 MODE=asan all $programs || exit 1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{
    scripts/run-tests.sh $programs
    scripts/interop.sh build/asan/rill ./sdp.test.mjs ./sdp_browsers.test.mjs ./jsep.test.mjs \
        ./jsep_rill.test.mjs
} | tee "$log" | grep -vE '^[0-9]+ passed, [0-9]+ failed$'
awk '/^[0-9]+ passed, [0-9]+ failed$/ {passed += $1; failed += $3; parts++}
    END {print passed + 0 " passed, " failed + 0 " failed"; exit failed || parts != 2}' "$log"
