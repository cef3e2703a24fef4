#!/bin/sh
# fuzz.sh SECONDS PROGRAM…: each fuzz target from its seeds, a bounded time each, two at once.
# A finding stays in build/findings/ and fails the run.
seconds=$1
shift
mkdir -p build/findings
one() { # PROGRAM
    name=$(basename "$1")
    seeds=fuzz/corpus/$name
    work=build/corpus/$name
    mkdir -p "$work"
    [ -d "$seeds" ] || seeds=
    if "$1" "$work" $seeds -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 \
        -artifact_prefix="build/findings/$name-" -print_final_stats=0 -verbosity=0 \
        >"build/findings/$name.log" 2>&1; then
        echo "ok     fuzz $name, $seconds s"
    else
        echo "FAILED fuzz $name"
        tail -n 40 "build/findings/$name.log"
    fi
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
while [ $# -gt 0 ]; do
    one "$1" >>"$log" &
    shift
    if [ $# -gt 0 ]; then
        one "$1" &
        shift
    fi
    wait
    cat "$log"
    : >"$log"
done | tee build/findings/summary
passed=$(grep -c '^ok ' build/findings/summary)
failed=$(grep -c '^FAILED ' build/findings/summary)
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
