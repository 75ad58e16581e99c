#!/usr/bin/env sh
# Installs Steading on this machine as a service: the binary in /usr/local/bin, its folder in /var/lib/steading, a system
# user of its own, and a systemd unit. Run it again to upgrade: the data stays, the old binary is kept beside the new one.
#
#   sudo ./install.sh                 uses ./steading, or target/release/steading, or builds it with cargo
#   sudo ./install.sh --listen 0.0.0.0:80
#   sudo ./install.sh --remove        stops the service and removes the binary; the data stays
set -eu

BINARY=/usr/local/bin/steading
DATA=/var/lib/steading
UNIT=/etc/systemd/system/steading.service
LISTEN=127.0.0.1:8090

fail() { echo "install.sh: $*" >&2; exit 1; }

while [ $# -gt 0 ]; do
    case "$1" in
        --listen) [ $# -ge 2 ] || fail "--listen needs an address such as 0.0.0.0:80"; LISTEN=$2; shift ;;
        --remove) REMOVE=1 ;;
        -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) fail "unknown argument $1 (see --help)" ;;
    esac
    shift
done

[ "$(id -u)" = 0 ] || fail "must run as root: sudo $0"

if [ -n "${REMOVE:-}" ]; then
    if command -v systemctl >/dev/null 2>&1; then systemctl disable --now steading 2>/dev/null || true; fi
    rm -f "$UNIT" "$BINARY" "$BINARY.old"
    echo "Removed. Your data is still in $DATA."
    exit 0
fi

here=$(cd "$(dirname "$0")" && pwd)
if [ -x "$here/steading" ]; then
    new=$here/steading
elif [ -x "$here/target/release/steading" ]; then
    new=$here/target/release/steading
elif command -v cargo >/dev/null 2>&1; then
    echo "Building (this takes some minutes)…"
    (cd "$here" && cargo build --release)
    new=$here/target/release/steading
else
    fail "there is no binary here, and no cargo to build one: see README.md"
fi

"$new" --version >/dev/null || fail "$new does not run on this machine"

id steading >/dev/null 2>&1 || useradd --system --home-dir "$DATA" --shell /usr/sbin/nologin steading
install -d -o steading -g steading -m 750 "$DATA"
if [ -x "$BINARY" ]; then cp -p "$BINARY" "$BINARY.old"; fi
# Written beside and moved over, so that a running server is never half a file.
install -m 755 "$new" "$BINARY.new"
mv "$BINARY.new" "$BINARY"

if ! command -v systemctl >/dev/null 2>&1; then
    echo "Installed $BINARY. There is no systemd here; start it with: steading serve --http $LISTEN --dir $DATA/steading_data"
    exit 0
fi

cat >"$UNIT" <<UNIT
[Unit]
Description=Steading
After=network-online.target
Wants=network-online.target

[Service]
User=steading
WorkingDirectory=$DATA
ExecStart=$BINARY serve --http $LISTEN
Restart=always
RestartSec=1
LimitNOFILE=65536
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
ReadWritePaths=$DATA

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable steading >/dev/null 2>&1
systemctl restart steading
echo "Steading runs at http://$LISTEN. Its first lines, with the link that creates your superuser:"
echo "    journalctl -u steading -n 20"
