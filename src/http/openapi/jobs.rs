//! The durable queue, for superusers.

use super::operation::{Operation, page, path_parameter, per_page, query_text};
use super::schemas;
use super::shapes::{array, complete, flag, integer, moment, object, one_of, text};
use http::Method;
use serde_json::{Value, json};

pub(super) fn operations() -> Vec<Operation> {
    let of = |method: Method, path: &str, id: &str, summary: &str| {
        let operation = Operation::new(method, path, id, summary);
        if path.contains("{id}") {
            return operation.parameters([path_parameter("id", "The job's id.")]).fails(&["404"]);
        }
        operation.fails(&["400"])
    };
    let selected = || [query_text("name", "Only jobs of this name."), query_text("state", "Only jobs in this state.")];
    let counted = |name: &str| object(&[(name, integer())], &[name]);
    vec![
        of(Method::GET, "/api/jobs", "listJobs", "List the jobs in the queue")
            .parameters([page(), per_page()])
            .parameters(selected())
            .gives("A page of jobs, the latest first.", &schemas::page_of(&job())),
        of(Method::POST, "/api/jobs", "enqueueJob", "Add a job")
            .takes(&new_job())
            .gives("The job; if one waits with the same unique key, that one.", &job()),
        of(Method::DELETE, "/api/jobs", "deleteJobs", "Remove the jobs that are not running")
            .parameters(selected())
            .gives("How many.", &counted("deleted")),
        of(Method::GET, "/api/jobs/names", "listJobNames", "Count the jobs of each name")
            .gives("All names that have a worker or jobs.", &array(&name())),
        of(Method::POST, "/api/jobs/retry", "retryJobs", "Make jobs due now")
            .takes_content(
                &json!({"application/json": {"schema": object(&[("name", text()), ("state", state())], &[])}}),
                false,
            )
            .gives("How many.", &counted("retried")),
        of(Method::GET, "/api/jobs/{id}", "viewJob", "Get a job").gives("The job.", &job()),
        of(Method::POST, "/api/jobs/{id}/retry", "retryJob", "Make a job due now")
            .gives("The job.", &job())
            .fails(&["400"]),
        of(Method::DELETE, "/api/jobs/{id}", "deleteJob", "Remove a job that is not running")
            .gives_nothing("Removed.")
            .fails(&["400"]),
    ]
}

fn job() -> Value {
    complete(&[
        ("id", text()),
        ("name", text()),
        ("payload", json!({"description": "Any JSON."})),
        ("uniqueKey", text()),
        ("state", state()),
        ("priority", priority()),
        ("attempts", integer()),
        ("maxAttempts", integer()),
        ("due", moment()),
        ("created", moment()),
        ("error", json!({"type": "string", "description": "Why the last attempt failed."})),
    ])
}

fn new_job() -> Value {
    object(
        &[
            ("name", text()),
            ("payload", json!({"description": "Any JSON, at most 1 MiB."})),
            ("delay", json!({"type": "number", "minimum": 0, "description": "In seconds."})),
            ("priority", priority()),
            ("uniqueKey", text()),
            ("maxAttempts", json!({"type": "integer", "minimum": 1, "maximum": 100, "default": 10})),
        ],
        &["name"],
    )
}

fn name() -> Value {
    complete(&[
        ("name", text()),
        ("waiting", integer()),
        ("running", integer()),
        ("failed", integer()),
        // Whether something does these jobs.
        ("hasWorker", flag()),
    ])
}

fn state() -> Value {
    one_of(&["waiting", "running", "failed"])
}

fn priority() -> Value {
    one_of(&["high", "normal", "low"])
}
