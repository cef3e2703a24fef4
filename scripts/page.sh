#!/bin/sh
# page.sh [check]: builds the page of traces, web/trace.html, from web/trace/; check: is the one that
# lies there what its sources build?
root=$(cd "$(dirname "$0")/.." && pwd) || exit 2
page=$root/web/trace
cd "$page" || exit 2
# As in npm.sh: what is older than our lock file was installed for another one.
[ node_modules/.package-lock.json -nt package-lock.json ] ||
    npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >/dev/null || exit 1
# What the events mean, as the sources say it when the page is made.
if [ "$1" != check ]; then
    { echo '{' && LC_ALL=C "$root/scripts/trace-points.sh" "$root"/*/*.c | awk '!seen[$1]++' |
        sed 's/^{\("[^"]*"\), \(.*\)},$/  \1: \2,/; $ s/,$//' && echo '}'; } >points.json || exit 1
fi
out=$root/build/page
OUT=$out node_modules/.bin/vite build --config vite.config.js || exit 1
if [ "$1" = check ]; then
    cmp -s "$out/trace.html" "$root/web/trace.html" && echo "page: web/trace.html is what its sources build" && exit 0
    echo "page: web/trace.html is not what its sources build: make page" >&2
    exit 1
fi
cp "$out/trace.html" "$root/web/trace.html" && ls -l "$root/web/trace.html" | awk '{print "web/trace.html: " $5 " bytes"}'
