#!/bin/sh
# interop.sh RILL [FILE…]: the tests that drive the rill command from outside, browsers included.
# INTEROP_JOBS files at a time [2]; beside them those that wait more than they work, one by one.
# A file that fails beside others is run once more, alone: who fails then has failed. What it said the first
# time is shown, and such files are named at the end. When many fail it is no want of CPU time, and none is.
if [ "$1" = --one ]; then # FILE: runs it, says how it went and closes with its counts
    log=$(mktemp)
    began=$(date +%s)
    timeout -k 5 180 node --test "$2" >"$log" 2>&1
    code=$?
    [ $code -ne 124 ] || echo "it hung, and was ended after 180 s" >>"$log"
    passed=$(sed -n 's/^[#ℹ] pass \([0-9]*\).*/\1/p' "$log" | tail -n 1)
    failed=$(sed -n 's/^[#ℹ] fail \([0-9]*\).*/\1/p' "$log" | tail -n 1)
    if [ $code -eq 0 ]; then
        echo "ok     $2 (${passed:-0}), $(($(date +%s) - began)) s"
    else
        [ "${failed:-0}" -gt 0 ] || failed=1
        # One write, so that the other job's lines do not come between.
        printf 'FAILED %s\n%s\n' "$2" "$(cat "$log")"
    fi
    echo "$2 ${passed:-0} ${failed:-0}" >>"$COUNTS"
    rm -f "$log"
    exit 0
fi
here=$(realpath "$0")
cd "$(dirname "$0")/../tests/interop" || exit 2
RILL=$(cd ../.. && realpath "$1") || exit 2
COUNTS=$(mktemp)
export RILL COUNTS
trap 'rm -f "$COUNTS"' EXIT
shift
../../scripts/npm.sh || exit 1
[ $# -gt 0 ] || set -- ./*.test.mjs
# The longest first, so that the last to end is a short one.
longest='decode decode_edges https_call firefox jsep socketio_call jsep_rill beside codecs chromium serve_ops simulcast trace_page'
waiting='heal turn attack aiortc'
is_of() { # NAMES FILE
    case " $1 " in *" $(basename "$2" .test.mjs) "*) return 0 ;; esac
    return 1
}
ordered() { # lists the files of a lane
    for name in $longest; do
        for file; do is_of "$name" "$file" && echo "$file"; done
    done
    for file; do is_of "$longest $waiting" "$file" || echo "$file"; done
}
for file; do is_of "$waiting" "$file" && echo "$file"; done |
    xargs -r -n 1 sh "$here" --one &
ordered "$@" | xargs -r -n 1 -P "${INTEROP_JOBS:-2}" sh "$here" --one
wait
again=$(awk '$3 > 0 {print $1}' "$COUNTS")
if [ -n "$again" ] && [ "$(echo "$again" | wc -l)" -le 3 ]; then
    echo "once more, alone:" $again
    for file in $again; do
        grep -vF "$file " "$COUNTS" >"$COUNTS.rest"
        mv "$COUNTS.rest" "$COUNTS"
        sh "$here" --one "$file"
    done
fi
awk -v files=$# '
    {passed += $2; failed += $3; n++}
    END {
        if (n < files) failed += files - n
        printf "%d passed, %d failed\n", passed, failed
        exit !(passed > 0 && failed == 0)
    }' "$COUNTS"
