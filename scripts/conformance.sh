#!/bin/sh
# conformance.sh: clause, error, test: one line a row of every <room>_errors.def, from the
# rows themselves and from the tests that assert them. A row without a test fails.
cd "$(dirname "$0")/.." || exit 2
mkdir -p build
grep -rnoE 'assert_row\([^;]*, *[A-Z0-9_]+\)|RILL_ROW\([A-Z0-9_]+\)' tests --include='*.c' |
    sed -E 's/^([^:]*):([0-9]*):.*[ (,]([A-Z0-9_]+)\)$/\3 \1:\2/' | sort >build/rows-tested
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
