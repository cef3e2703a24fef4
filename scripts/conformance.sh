#!/bin/sh
# conformance.sh: clause, error, test: one line a row of every <room>_errors.def, from the
# rows themselves and from the tests that assert them. A row without a test fails.
cd "$(dirname "$0")/.." || exit 2
mkdir -p build
# An assertion may take several lines: it is read up to its semicolon.
find tests -name '*.c' -o -name '*.h' | sort | xargs awk '
    # A table of cases names its rows with RILL_ROW and asserts them in one place.
    {
        rest = $0
        while (match(rest, /RILL_ROW\([A-Z0-9_]+\)/)) {
            print substr(rest, RSTART + 9, RLENGTH - 10), FILENAME ":" FNR
            rest = substr(rest, RSTART + RLENGTH)
        }
    }
    /assert_row\(/ {statement = ""; line = FNR; open = 1}
    open {
        statement = statement $0
        if (!/;/) next
        open = 0
        sub(/\) *;.*/, "", statement)
        gsub(/.*[^A-Z0-9_]/, "", statement)
        if (statement != "ROW") print statement, FILENAME ":" line
    }' | sort >build/rows-tested
rows=0
bare=0
for def in */*_errors.def; do
    { tr '\n' ' ' <"$def"; echo; } | sed -E 's/RILL_ERR_ROW\(/\n&/g' |
        sed -nE 's/^RILL_ERR_ROW\( *([A-Z0-9_]+), *"([^"]*)".*/\1|\2/p'
done >build/rows
while IFS='|' read -r name clause; do
    rows=$((rows + 1))
    where=$(awk -v n="$name" '$1 == n {print $2; exit}' build/rows-tested)
    count=$(awk -v n="$name" '$1 == n' build/rows-tested | wc -l)
    if [ -z "$where" ]; then
        bare=$((bare + 1))
        where='NO TEST'
    fi
    printf '%-42s %-34s %s' "$clause" "$name" "$where"
    [ "$count" -gt 1 ] && printf ' (+%d)' $((count - 1))
    printf '\n'
done <build/rows >build/conformance.txt
if [ "$1" = --quiet ]; then grep 'NO TEST' build/conformance.txt; else cat build/conformance.txt; fi
echo "conformance: $rows rows, $bare without a test"
[ "$bare" -eq 0 ] && [ "$rows" -gt 0 ]
