use std::process::ExitCode;

// mimalloc is linked in place of the C library's malloc, which then serves SQLite and, as the system's, Rust.
use mimalloc as _;

fn main() -> ExitCode {
    steading::cli::main()
}
