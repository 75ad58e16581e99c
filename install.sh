#!/usr/bin/env sh
# Installs Steading on this machine as a service: the binary in /usr/local/bin, its folder in /var/lib/steading, a system
# user of its own, and a systemd unit. Run it again to upgrade: the data stays, the old binary is kept beside the new one.
#
#   sudo ./install.sh                         uses ./steading, or target/release/steading, or builds it with cargo
#   sudo ./install.sh --proxy X-Forwarded-For  behind a reverse proxy: which header tells the address of a client
#   sudo ./install.sh --listen 0.0.0.0:80     without a proxy: where to listen
#   sudo ./install.sh --remove                stops the service and removes the binary; the data stays
#   ./install.sh --dry-run                    prints what would be done, and does nothing
#
# It builds as the user who called sudo, and never as root.
set -eu

BINARY=/usr/local/bin/steading
DATA=/var/lib/steading
UNIT=/etc/systemd/system/steading.service
LISTEN=127.0.0.1:8090
PROXY=
DRY_RUN=
REMOVE=

fail() { echo "install.sh: $*" >&2; exit 1; }

while [ $# -gt 0 ]; do
    case "$1" in
        --listen) [ $# -ge 2 ] || fail "--listen needs an address such as 0.0.0.0:80"; LISTEN=$2; shift ;;
        --proxy) [ $# -ge 2 ] || fail "--proxy needs a header such as X-Forwarded-For"; PROXY=$2; shift ;;
        --remove) REMOVE=1 ;;
        --dry-run) DRY_RUN=1 ;;
        -h | --help) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) fail "unknown argument $1 (see --help)" ;;
    esac
    shift
done

# They become parts of the unit and of a command.
case "$LISTEN" in *[!][0-9A-Za-z.:-]* | '') fail "--listen needs an address such as 0.0.0.0:80, not '$LISTEN'" ;; esac
case "$LISTEN" in *:[0-9]*) ;; *) fail "--listen needs a port, as in 0.0.0.0:80, not '$LISTEN'" ;; esac
case "$PROXY" in *[!0-9A-Za-z-]*) fail "--proxy needs a header such as X-Forwarded-For, not '$PROXY'" ;; esac

case "$LISTEN" in
    127.* | localhost:* | '[::1]:'*) IS_LOCAL=1 ;;
    *) IS_LOCAL= ;;
esac
if [ -n "$PROXY" ] && [ -z "$IS_LOCAL" ]; then
    fail "with --proxy, listen on this machine alone (such as 127.0.0.1:8090): everybody else could write that header"
fi

run() { if [ -n "$DRY_RUN" ]; then echo "+ $*"; else "$@"; fi; }
has_systemd() { [ -n "$DRY_RUN" ] || command -v systemctl >/dev/null 2>&1; }
as_service() { (umask 077; cd "$DATA" 2>/dev/null || [ -n "$DRY_RUN" ]; run runuser -u steading -- "$@"); }

[ -n "$DRY_RUN" ] || [ "$(id -u)" = 0 ] || fail "must run as root: sudo $0"

if [ -n "$REMOVE" ]; then
    if has_systemd; then run systemctl disable --now steading 2>/dev/null || true; fi
    run rm -f "$UNIT" "$BINARY" "$BINARY.old"
    echo "Removed. Your data is still in $DATA."
    exit 0
fi

here=$(cd "$(dirname "$0")" && pwd)

# A build runs code of some hundred packages, so it runs with the rights of a person and not with root's.
build() {
    builder=${SUDO_USER:-root}
    if [ "$builder" = root ]; then
        fail "there is no binary here, and it is not built as root. Build it as another user (cargo build --release) and run
this again, or run this by sudo from that user's account."
    fi
    echo "Building as $builder (this takes some minutes)…"
    # A login shell: sudo hides what rustup has put into the path.
    # shellcheck disable=SC2016
    run runuser -l -c 'command -v cargo >/dev/null || { echo "install.sh: there is no cargo: see README.md" >&2; exit 1; }
cd "$1" && exec cargo build --release' "$builder" sh "$here" || fail "the build failed"
}

if [ -x "$here/steading" ]; then
    new=$here/steading
elif [ -x "$here/target/release/steading" ]; then
    new=$here/target/release/steading
else
    build
    new=$here/target/release/steading
fi

id steading >/dev/null 2>&1 || run useradd --system --home-dir "$DATA" --shell /usr/sbin/nologin steading
run install -d -o steading -g steading -m 750 "$DATA"
# Written beside and moved over, so that a running server is never half a file.
run install -m 755 "$new" "$BINARY.new"
as_service "$BINARY.new" --version >/dev/null || { rm -f "$BINARY.new"; fail "$new does not run on this machine"; }
if [ -x "$BINARY" ]; then run cp -p "$BINARY" "$BINARY.old"; fi
run mv "$BINARY.new" "$BINARY"

if [ -n "$PROXY" ]; then
    # The new binary may bring the data up to date, which must not happen beneath the old one.
    if has_systemd; then run systemctl stop steading 2>/dev/null || true; fi
    as_service "$BINARY" trust-proxy "$PROXY"
fi

unit() {
    port=${LISTEN##*:}
    capabilities=
    if [ "$port" -lt 1024 ] 2>/dev/null; then capabilities=CAP_NET_BIND_SERVICE; fi
    cat <<UNIT
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

# What it may use up.
LimitNOFILE=65536
TasksMax=1024
MemoryMax=80%

# What it may change: its folder. Nobody else reads what it writes there.
UMask=0077
ProtectSystem=strict
ReadWritePaths=$DATA
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectProc=invisible

# What it may ask of the kernel. No program it starts gains rights: a local sendmail that needs some (Postfix, Exim) does
# not work from here. Set up SMTP with the host 127.0.0.1 and port 25 in the settings instead.
NoNewPrivileges=yes
AmbientCapabilities=$capabilities
CapabilityBoundingSet=$capabilities
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
LockPersonality=yes
MemoryDenyWriteExecute=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RemoveIPC=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes

[Install]
WantedBy=multi-user.target
UNIT
}

if ! has_systemd; then
    echo "Installed $BINARY. There is no systemd here; start it with: steading serve --http $LISTEN --dir $DATA/steading_data"
    exit 0
fi

if [ -n "$DRY_RUN" ]; then
    echo "+ write $UNIT:"
    unit
else
    unit >"$UNIT"
fi
run systemctl daemon-reload
run systemctl enable --quiet steading
run systemctl restart steading
[ -z "$DRY_RUN" ] || exit 0

echo "Steading runs at http://$LISTEN. Its first lines, with the link that creates your superuser:"
echo "    journalctl -u steading -n 20"
if [ -n "$IS_LOCAL" ] && [ -z "$PROXY" ]; then
    cat <<HINT

It listens on this machine alone, so a reverse proxy will stand before it. Until Steading knows which header the proxy tells
a client's address in, everybody seems to have the proxy's address, and limits hold for all of them together. Nginx, Caddy,
Apache and Traefik send X-Forwarded-For:
    sudo $0 --proxy X-Forwarded-For
HINT
fi
