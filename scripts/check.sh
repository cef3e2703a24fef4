#!/bin/sh
# check.sh [long]: everything that proves rill, in order; each part says what it is, and the
# last line counts the tests of all of them.
cd "$(dirname "$0")/.." || exit 2
long=$1
passed=0
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
began=$(date +%s)

part() { # NAME COMMAND…: its output, and what it counted
    name=$1
    shift
    from=$(date +%s)
    echo "== $name"
    "$@" >"$log" 2>&1
    code=$?
    if [ $code -ne 0 ]; then cat "$log"; else grep -vE '^(gcc|clang|ar|cc) ' "$log"; fi
    counted=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
    if [ -n "$counted" ]; then
        passed=$((passed + ${counted%% passed*}))
        bad=${counted##*, }
        failed=$((failed + ${bad%% *}))
        [ $code -ne 0 ] && [ "${bad%% *}" -eq 0 ] && failed=$((failed + 1))
    elif [ $code -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
    echo "-- $name: $(($(date +%s) - from)) s"
}

beside=$(mktemp)
pid=
trap 'rm -f "$log" "$beside"; [ -z "$pid" ] || kill "$pid" 2>/dev/null' EXIT
# COMMAND…: in the background, at the lowest priority; its_end waits for it, prints what it said, is
# its code. Linux may weigh sessions against each other (autogroup), whatever nice says within one.
meanwhile() {
    setsid sh -c 'echo 19 2>/dev/null >/proc/self/autogroup; exec nice -n 19 "$@"' sh "$@" >"$beside" 2>&1 &
    pid=$!
}
its_end() {
    wait "$pid"
    code=$?
    pid=
    cat "$beside"
    return $code
}

make="make --no-print-directory -s -j2"
part "build (gcc)" $make MODE=release all
part "build (clang)" $make MODE=clang objects
part "layers" scripts/layers.sh
part "what a peer is given can be replayed" scripts/replay-inputs.sh
part "purity" $make MODE=release purity
part "conformance" scripts/conformance.sh --quiet
part "format" $make format-check
part "the page's dissector is of these sources" $make dissect-wasm-check
part "the page of traces is what its sources build" scripts/page.sh check
part "build the tests (ASan, UBSan)" $make MODE=asan build-tests
if [ -n "$long" ]; then
    part "unit tests and simulated calls" env RILL_SEEDS=2000 TEST_TIMEOUT=1800 make --no-print-directory -s MODE=asan tests
    part "histories of calls that change" env RILL_SEEDS=10000 TEST_TIMEOUT=1800 scripts/run-tests.sh build/asan/tests/call/histories_test
    part "random networks" env RILL_SEEDS=10000 TEST_TIMEOUT=1800 scripts/run-tests.sh build/asan/tests/call/topology_test
    part "valgrind" make --no-print-directory -s valgrind
    part "exercises" $make exercises
else
    part "unit tests and simulated calls" make --no-print-directory -s MODE=asan tests
fi
part "the pages of the walk" $make MODE=asan walk-check
part "threads (TSan)" make --no-print-directory -s -j2 tsan
if [ -n "$long" ]; then
    part "the command, two processes, Chromium" env RILL_LONG=1 scripts/interop.sh build/asan/rill
    part "fuzzing" $make FUZZ_SECONDS=90 fuzz
else
    # Browsers wait more than they work, so fuzzing takes what they leave.
    meanwhile $make FUZZ_SECONDS=10 fuzz
    part "the command, two processes, Chromium" scripts/interop.sh build/asan/rill
    part "fuzzing, meanwhile" its_end
fi
part "a call" make --no-print-directory -s call
echo "checked in $(($(date +%s) - began)) s"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
