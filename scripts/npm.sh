#!/bin/sh
# npm.sh: the npm packages of the tests and benchmarks, as the lock file names them.
cd "$(dirname "$0")/../tests/interop" || exit 2
# npm leaves its own lock file behind: what is older than ours was installed for another one.
[ node_modules/.package-lock.json -nt package-lock.json ] ||
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error >/dev/null
