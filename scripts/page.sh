#!/bin/sh
# page.sh [check]: builds the page of traces, web/trace.html, from web/trace/; check: is the one that
# lies there what its sources build?
root=$(cd "$(dirname "$0")/.." && pwd) || exit 2
page=$root/web/trace
cd "$page" || exit 2
# As in npm.sh: what is older than our lock file was installed for another one.
[ node_modules/.package-lock.json -nt package-lock.json ] ||
    npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >/dev/null || exit 1
out=$root/build/page
OUT=$out node_modules/.bin/vite build --config vite.config.js || exit 1
if [ "$1" = check ]; then
    cmp -s "$out/trace.html" "$root/web/trace.html" && echo "page: web/trace.html is what its sources build" && exit 0
    echo "page: web/trace.html is not what its sources build: make page" >&2
    exit 1
fi
cp "$out/trace.html" "$root/web/trace.html" && ls -l "$root/web/trace.html" | awk '{print "web/trace.html: " $5 " bytes"}'
