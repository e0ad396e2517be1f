#!/bin/sh
# Runs client.mjs URL [TOKEN] with the versions of package-lock.json, which it installs when they are not there.
set -eu
cd "$(dirname "$0")"

# npm writes node_modules/.package-lock.json last, so an installation that was cut short is done again. Runs at the
# same time wait for each other; whoever waited finds it done.
installed=node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ package-lock.json -nt "$installed" ] || [ package.json -nt "$installed" ]; then
	exec 9>.install.lock
	if command -v flock >/dev/null; then flock 9; fi
	if [ ! -e "$installed" ] || [ package-lock.json -nt "$installed" ] || [ package.json -nt "$installed" ]; then
		npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
		touch "$installed"
	fi
	exec 9>&-
fi
exec node client.mjs "$@"
