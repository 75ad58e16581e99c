//! Tests of the built program through its public interfaces: HTTP and the command line. Nothing here imports our crate,
//! so the implementation can change freely.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; clippy lets only #[test] functions do so by itself"
)]

mod access;
mod addresses;
mod backups;
mod chinook;
mod command_line;
mod costs;
mod crash;
mod crons;
mod edge;
mod files;
mod full_disk;
mod hostile;
mod hostile_load;
mod imports;
mod inbound;
mod install;
mod logs;
mod mail;
mod map;
mod meter;
mod oauth2;
mod public;
mod rate_limits;
mod reasons;
mod receiver;
mod realtime;
mod s3;
mod script_crash;
mod script_events;
mod script_examples;
mod script_hostile;
mod script_functions;
mod script_jobs;
mod script_realtime;
mod script_reload;
mod script_routes;
mod script_sign_in;
mod script_sql;
mod scripts;
mod scripts_api;
mod scripts_cli;
mod server;
mod sign_in;
mod slow_reads;
mod sql;
mod smtp;
mod thumbs;
mod tools;
mod transfer;
mod webhook_crash;
mod webhook_receivers;
mod webhooks;
