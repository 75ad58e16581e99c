#!/usr/bin/env bash
# One TLS and crypto provider, no libraries a build would need beside a C compiler. `deny.toml` says the same to
# cargo-deny, which also checks licences and is run where it is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

found=$(cargo tree --edges normal,build --prefix none --target all | grep -E '^(ring|openssl-sys|native-tls|bindgen) ' || true)
if [ -n "$found" ]; then
    echo "banned crates in the tree (see deny.toml):" >&2
    echo "$found" >&2
    exit 1
fi
if cargo deny --version >/dev/null 2>&1; then
    cargo deny check bans licenses sources
fi
