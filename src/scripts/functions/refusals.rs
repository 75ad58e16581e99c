//! Refusing what a handler was asked about.

use crate::domain::{Rejection, RejectionKind};
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, issues, problem, rejected, rejection_of};
use crate::scripts::values::json;
use rhai::plugin::*;
use rhai::{Dynamic, INT, Map, Module, NativeCallContext};

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "refusals", refusals);
}

#[export_module]
mod refusals {
    /// Refuses the request with status 400. `reason` is the message for the client, or a map of a message for each field:
    /// `reject(#{ quantity: "Only 3 left." })`. A field may have a code: `#{ quantity: #{ code: "sold_out", message: "Only 3 left." } }`.
    #[rhai_fn(return_raw, volatile)]
    pub fn reject(context: NativeCallContext<'_>, reason: Dynamic) -> Outcome<()> {
        ambient::note(&context);
        match rejection_of(&reason) {
            Some(rejection) => Err(rejected(rejection)),
            None => Err(problem("reject takes a text, or a map with a text for each field")),
        }
    }

    /// Refuses the request with one of the statuses 400, 401, 403, 404, 409, 422 and 429.
    #[rhai_fn(name = "reject", return_raw, volatile)]
    pub fn reject_with(context: NativeCallContext<'_>, status: INT, message: &str) -> Outcome<()> {
        ambient::note(&context);
        Err(rejected(Rejection::new(kind(status)?, message)))
    }

    /// Refuses the request with a status, a message and a message for each field.
    #[rhai_fn(name = "reject", return_raw, volatile)]
    pub fn reject_fields(context: NativeCallContext<'_>, status: INT, message: &str, fields: Map) -> Outcome<()> {
        ambient::note(&context);
        Err(rejected(Rejection { issues: issues(&fields), ..Rejection::new(kind(status)?, message) }))
    }

    /// The text of an error that `catch` has caught.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn problem_text(problem: &mut crate::scripts::error::Problem) -> String {
        problem.to_string()
    }

    /// The text of a refusal that `catch` has caught.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn rejection_text(rejection: &mut Rejection) -> String {
        json::shown(&Dynamic::from(rejection.clone()))
    }
}

fn kind(status: INT) -> Outcome<RejectionKind> {
    Ok(match status {
        400 => RejectionKind::BadRequest,
        401 => RejectionKind::Unauthenticated,
        403 => RejectionKind::Forbidden,
        404 => RejectionKind::NotFound,
        409 => RejectionKind::Conflict,
        422 => RejectionKind::Unprocessable,
        429 => RejectionKind::TooManyRequests,
        _ => {
            let allowed = "400, 401, 403, 404, 409, 422 or 429";
            return Err(problem(format!("reject({status}, …): the status must be one of {allowed}")));
        }
    })
}
