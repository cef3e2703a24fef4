#!/bin/sh
# Runs test programs one after another, each with its own time limit, and closes with one
# line "N passed, N failed" over all of them. A program that says nothing has failed.
limit=${TEST_TIMEOUT:-600}
under=
[ -n "$VALGRIND" ] && under='valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite'
passed=0
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for program in "$@"; do
    timeout -k 5 "$limit" $under "$program" >"$log" 2>&1
    code=$?
    ok=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -n 1)
    bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -n 1)
    passed=$((passed + ${ok:-0}))
    if [ "$code" -ne 0 ] || [ "${ok:-0}" -eq 0 ]; then
        [ "${bad:-0}" -gt 0 ] || bad=1
        failed=$((failed + bad))
        echo "FAILED $program (exit $code)"
        grep -v '^\[ \(RUN\|      OK\) ' "$log" | tail -n 60
    else
        echo "ok     $program ($ok)"
        sed -n 's/^median: /       median: /p' "$log"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
