#!/bin/sh
# fuzz.sh SECONDS PROGRAM…: each fuzz target from its seeds, a bounded time each. A finding
# stays in build/findings/ and fails the run.
seconds=$1
shift
passed=0
failed=0
mkdir -p build/findings
for program in "$@"; do
    name=$(basename "$program")
    seeds=fuzz/corpus/$name
    work=build/corpus/$name
    mkdir -p "$work"
    [ -d "$seeds" ] || seeds=
    if "$program" "$work" $seeds -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 \
        -artifact_prefix="build/findings/$name-" -print_final_stats=0 -verbosity=0 \
        >"build/findings/$name.log" 2>&1; then
        passed=$((passed + 1))
        echo "ok     fuzz $name, $seconds s"
    else
        failed=$((failed + 1))
        echo "FAILED fuzz $name"
        tail -n 40 "build/findings/$name.log"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
