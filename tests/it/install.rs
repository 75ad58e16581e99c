//! `install.sh`, as far as it can be tested without changing the machine: its planned actions, and the unit file.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn dry_run(script: &Path, arguments: &[&str], sudo_user: Option<&str>) -> Output {
    let mut command = Command::new("sh");
    command.arg(script).arg("--dry-run").args(arguments).env_remove("SUDO_USER");
    if let Some(user) = sudo_user {
        command.env("SUDO_USER", user);
    }
    command.output().unwrap()
}

/// A folder with the script, and with a binary if `has_binary`.
fn copy(has_binary: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh"), folder.path().join("install.sh")).unwrap();
    if has_binary {
        fs::copy("/bin/true", folder.path().join("steading")).unwrap();
    }
    folder
}

fn said(output: &Output) -> String {
    String::from_utf8([&*output.stdout, &output.stderr].concat()).unwrap()
}

#[test]
fn nothing_is_built_as_root() {
    let folder = copy(false);
    let script = folder.path().join("install.sh");
    for user in [None, Some("root")] {
        let output = dry_run(&script, &[], user);
        assert!(!output.status.success() && said(&output).contains("not built as root"), "{}", said(&output));
    }
    let output = dry_run(&script, &[], Some("ana"));
    let said = said(&output);
    let build = said.find("exec cargo build --release ana sh").unwrap_or_else(|| panic!("{said}"));
    assert!(said.contains("+ runuser -l -c") && build < said.find("+ install -m 755").unwrap(), "{said}");
}

#[test]
fn arguments_are_checked_before_anything_is_done() {
    let folder = copy(true);
    let script = folder.path().join("install.sh");
    let check = |arguments: &[&str], expected: &str| {
        let output = dry_run(&script, arguments, None);
        assert!(!output.status.success() && said(&output).contains(expected), "{arguments:?}: {}", said(&output));
        assert!(!said(&output).contains("+ "), "{arguments:?}");
    };
    check(&["--listen", "a b"], "--listen needs an address");
    check(&["--listen", "127.0.0.1:80\nExecStartPre=/bin/x"], "--listen needs an address");
    check(&["--listen"], "--listen needs an address");
    check(&["--proxy", "X;reboot"], "--proxy needs a header");
    check(&["--proxy", "X-Forwarded-For", "--listen", "0.0.0.0:80"], "everybody else could write that header");
    check(&["--nope"], "unknown argument");
}

#[test]
fn the_proxy_is_configured_before_the_program_starts() {
    let folder = copy(true);
    let output = dry_run(&folder.path().join("install.sh"), &["--proxy", "X-Forwarded-For"], None);
    let said = said(&output);
    let at = |text: &str| said.find(text).unwrap_or_else(|| panic!("no {text}: {said}"));
    let trust = at("+ runuser -u steading -- /usr/local/bin/steading trust-proxy X-Forwarded-For");
    assert!(at("+ systemctl stop steading") < trust && trust < at("+ systemctl restart steading"), "{said}");
}

#[test]
fn the_unit_shuts_the_service_in() {
    let folder = copy(true);
    let unit = |listen: &str| {
        let output = dry_run(&folder.path().join("install.sh"), &["--listen", listen], None);
        let said = said(&output);
        let (_, unit) = said.split_once("steading.service:\n").unwrap_or_else(|| panic!("{said}"));
        unit.split_inclusive('\n').take_while(|line| !line.starts_with('+')).collect::<String>()
    };
    let text = unit("127.0.0.1:8090");
    for line in [
        "ExecStart=/usr/local/bin/steading serve --http 127.0.0.1:8090",
        "User=steading",
        "MemoryMax=80%",
        "UMask=0077",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "ReadWritePaths=/var/lib/steading",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "PrivateDevices=yes",
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
        "SystemCallFilter=@system-service",
        "CapabilityBoundingSet=",
        "LockPersonality=yes",
        "RestrictRealtime=yes",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing:\n{text}");
    }
    assert!(unit("[::]:80").contains("\nCapabilityBoundingSet=CAP_NET_BIND_SERVICE\n"), "a low port needs one right");

    // Checked by systemd itself, if it is installed.
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        return;
    }
    let file = folder.path().join("steading.service");
    fs::write(&file, text.replace("/usr/local/bin/steading", "/bin/true").replace("/var/lib/steading", "/var/tmp"))
        .unwrap();
    let check = |arguments: &[&str]| {
        let output = Command::new("systemd-analyze").args(arguments).arg(&file).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        let warnings = String::from_utf8(output.stderr).unwrap();
        assert!(!warnings.contains("steading.service:"), "{warnings}");
    };
    check(&["verify", "--man=no"]);
    check(&["security", "--offline=true", "--threshold=20"]);
}
