#!/bin/sh
# exercises.sh [WORD]: does each exercise of docs/reading-order.md (or those that have WORD in them)
# break the test it names? In a copy of the tree: the function's body becomes what the exercise says,
# its room's tests are built, and the test fails; with the body back it passes.
cd "$(dirname "$0")/.." || exit 2
top=$(pwd)
page=$top/docs/reading-order.md
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
make="make --no-print-directory -s -j2 MODE=release CFLAGS=-w"

# - **Exercise.** `FILE` · `FUNCTION` becomes `{ BODY }`; then `make TARGET` fails by `TEST`.
sed -n 's/^- \*\*Exercise\.\*\* `\([^`]*\)` · `\([^`]*\)` becomes `\([^`]*\)`; then `make \([^`]*\)` fails by `\([^`]*\)`.*/\1|\2|\3|\4|\5/p' \
    "$page" | grep -F -- "$1" >"$copy/list"
written=$(grep -c '^- \*\*Exercise\.\*\*' "$page")
[ -n "$1" ] || [ "$(wc -l <"$copy/list")" -eq "$written" ] || {
    echo "docs/reading-order.md: $written exercises, but $(wc -l <"$copy/list") in the form that can be tried"
    exit 1
}

# The body ends with the first line that is a brace alone: so all functions here are written.
empty() { # FILE FUNCTION BODY
    awk -v name="$2" -v body="$3" '
        !done && $0 ~ "^[a-z].*[ *]" name "\\(" {inside = 1}
        inside && /;$/ && !open {inside = 0}
        inside && /^{/ {open = 1; print body; next}
        inside && open {if (/^}/) {inside = 0; open = 0; done = 1}; next}
        {print}
        END {exit !done}' "$1"
}

# The program that has the test, built and run; what it says is in $copy/log.
try() { # PROGRAM TEST
    (cd "$copy/tree" && $make "build/release/$1" >"$copy/log" 2>&1) || return 2
    (cd "$copy/tree" && timeout 120 "build/release/$1" >"$copy/log" 2>&1)
    ! grep -q "\[  FAILED  \] $2\$" "$copy/log"
}

mkdir "$copy/tree"
git ls-files -z | xargs -0 cp -a --parents -t "$copy/tree" 2>/dev/null
[ -d build/release ] && mkdir -p "$copy/tree/build" && cp -a build/release "$copy/tree/build/"
passed=0
failed=0
while IFS='|' read -r file function body target test; do
    source=$(cd "$copy/tree" && grep -l "\b$test\b" tests/*/*_test.c | head -n 1)
    program=${source%.c}
    said=
    if [ -z "$source" ]; then
        said="no test is called $test"
    elif ! empty "$file" "$function" "$body" >"$copy/new"; then
        said="$file has no body of $function"
    elif [ "$target" != "test-$(basename "$(dirname "$source")")" ]; then
        said="$test is not of make $target"
    else
        cp "$copy/new" "$copy/tree/$file"
        try "$program" "$test"
        case $? in
        0) said="$test passes without it" ;;
        2) said="it cannot be built" ;;
        esac
        cp "$file" "$copy/tree/$file"
        touch "$copy/tree/$file"
        [ -n "$said" ] || try "$program" "$test" || said="$test fails with it too"
    fi
    if [ -n "$said" ]; then
        echo "FAILED $file · $function: $said"
        [ -s "$copy/log" ] && tail -n 5 "$copy/log"
        failed=$((failed + 1))
    else
        echo "ok     $file · $function ($test)"
        passed=$((passed + 1))
    fi
done <"$copy/list"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
