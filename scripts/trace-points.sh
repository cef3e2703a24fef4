#!/bin/sh
# trace-points.sh FILE…: a row "room:name", sentence for each trace point that the sources have, for
# those who read a trace and have no point at hand. A name of a point or of a member is in lower case
# with `_` between words (docs/trace.md): one that is not is told, and the exit status is 1.
bad=$(cat "$@" | tr '\n' ' ' | sed 's/struct rill_trace_point [a-z_]* = {/\n&/g' |
    grep -oE '^struct rill_trace_point [a-z_]* = \{ *"[^"]*", *"[^"]*"|\{"[^"]*", RILL_TRACE_' |
    grep -vE '\{ *"[a-z]+", *"[a-z][a-z0-9_]*"$|^\{"[a-z][a-z0-9_]*", RILL_TRACE_$')
[ -z "$bad" ] || { echo "trace points are named [a-z][a-z0-9_]*: $bad" >&2; exit 1; }
cat "$@" | tr '\n' ' ' | sed 's/struct rill_trace_point [a-z_]* = {/\n&/g' | awk '
    /^struct rill_trace_point/ {
        sub(/^[^{]*\{/, "")
        field = 0
        split("", text)
        while (field < 3) {
            sub(/^ +/, "")
            if (substr($0, 1, 1) == ",") {
                field++
                $0 = substr($0, 2)
            } else if (match($0, /^"([^"\\]|\\.)*"/)) {
                text[field] = text[field] substr($0, 2, RLENGTH - 2)
                $0 = substr($0, RLENGTH + 1)
            } else
                break
        }
        if (field == 3)
            print "{\"" text[0] ":" text[1] "\", \"" text[2] "\"},"
    }' | sort -u
