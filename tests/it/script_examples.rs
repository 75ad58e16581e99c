//! The examples of scripts, and those of the demo: they load without a mistake, and the tests of the examples pass.

use crate::server::steading_command;
use std::path::{Path, PathBuf};

/// What the examples read from the environment.
const SECRETS: [(&str, &str); 3] =
    [("STRIPE_KEY", "sk_test"), ("STRIPE_WEBHOOK_SECRET", "whsec_test"), ("CRM_KEY", "crm")];

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs the program in a folder of its own and returns what it printed. Fails if it does.
fn run(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    // Machines of tests are busy: the usual time is too short for them.
    let names = SECRETS.map(|(name, _)| format!("{name:?}")).join(", ");
    let config = format!("[scripts]\nbefore_milliseconds = 5000\nenv = [{names}]\n");
    std::fs::write(folder.path().join("config.toml"), config).unwrap();
    let output = steading_command(folder.path(), arguments).envs(SECRETS).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}\n{text}");
    text
}

#[test]
fn the_examples_pass_their_tests() {
    let mut examples: Vec<_> =
        std::fs::read_dir(project("scripts/examples")).unwrap().map(|one| one.unwrap()).collect();
    examples.sort_by_key(std::fs::DirEntry::file_name);
    assert_eq!(examples.len(), 9, "docs/scripting.md lists them");
    for example in examples {
        let folder = example.path();
        let scripts = folder.to_str().unwrap();
        let schema = folder.join("schema.json");
        let checked = run(&["scripts", "check", "--scripts", scripts, "--schema", schema.to_str().unwrap()]);
        assert!(checked.contains("No mistakes in 1 script"), "{checked}");
        let tested = run(&["scripts", "test", "--scripts", scripts, "--schema", schema.to_str().unwrap()]);
        assert!(tested.contains(" 0 failed") && !tested.contains("\n0 tests"), "{tested}");
    }
}

#[test]
fn the_scripts_of_the_demo_have_no_mistakes() {
    let checked = run(&["scripts", "check", "--scripts", project("demo/scripts").to_str().unwrap()]);
    assert!(checked.contains("No mistakes in 2 scripts"), "{checked}");
}
