#!/bin/sh
# run-tests.sh PROGRAM…: runs test programs, TEST_JOBS at a time [one a processor], each with its
# own time limit, and closes with one line "N passed, N failed" over all of them. A program that
# says nothing has failed.
if [ "$1" = --one ]; then
    log=$(mktemp)
    under=
    [ -n "$VALGRIND" ] && under='valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite'
    timeout -k 5 "${TEST_TIMEOUT:-600}" $under "$2" >"$log" 2>&1
    code=$?
    ok=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -n 1)
    bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -n 1)
    # One write each, so that the other jobs' lines do not come between.
    if [ "$code" -ne 0 ] || [ "${ok:-0}" -eq 0 ]; then
        [ "${bad:-0}" -gt 0 ] || bad=1
        printf 'FAILED %s (exit %s)\n%s\n' "$2" "$code" "$(grep -v '^\[ \(RUN\|      OK\) ' "$log" | tail -n 60)"
    else
        bad=0
        printf '%s\n' "ok     $2 ($ok)$(sed -n 's/^median: /\n       median: /p' "$log")"
    fi
    echo "${ok:-0} $bad" >>"$COUNTS"
    rm -f "$log"
    exit 0
fi
COUNTS=$(mktemp)
export COUNTS
trap 'rm -f "$COUNTS"' EXIT
printf '%s\n' "$@" | xargs -n 1 -P "${TEST_JOBS:-$(nproc)}" sh "$0" --one
awk -v programs=$# '
    {passed += $1; failed += $2; n++}
    END {
        if (n < programs) failed += programs - n
        printf "%d passed, %d failed\n", passed, failed
        exit !(passed > 0 && failed == 0)
    }' "$COUNTS"
