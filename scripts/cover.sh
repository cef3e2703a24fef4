#!/bin/sh
# cover.sh: lines of each room that the unit tests and the simulated calls run, by gcov.
cd "$(dirname "$0")/.." || exit 2
make --no-print-directory -s -j2 MODE=cover build-tests >/dev/null || exit 1
find build/cover -name '*.gcda' -delete
make --no-print-directory -s MODE=cover tests >build/cover/tests.log 2>&1 || tail -n 20 build/cover/tests.log
for room in base stun ice dtls srtp sdp rtp trace peer signaling reactor capture codec media; do
    gcov -n -o "build/cover/$room" "$room"/*.c 2>/dev/null |
        awk -v room=$room '
            /^File/ {own = index($0, "\x27" room "/") > 0}
            /^Lines executed/ && own {split($0, p, /[:% ]+/); all += $NF; hit += p[3] * $NF / 100; own = 0}
            END {if (all) printf "%-10s %5.1f %% of %d lines\n", room, 100 * hit / all, all}'
done
