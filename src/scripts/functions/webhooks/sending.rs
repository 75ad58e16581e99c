//! `webhook`: events of scripts, for other systems.

use crate::domain::webhooks;
use crate::scripts::ambient;
use crate::scripts::error::{Outcome, of_domain};
use crate::scripts::values::json;
use rhai::plugin::*;
use rhai::{Dynamic, Module, NativeCallContext};

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "sending", sending);
}

#[export_module]
mod sending {
    /// Sends an event to an endpoint, by its name, or to an address: `webhook("Warehouse", "order.shipped", #{ order: e.record.id });`. It is
    /// sent after the commit, and inside a transaction only if that commits; it is tried again for days, and is in the log of deliveries.
    /// `payload` is what JSON can hold; records in it are sent without hidden fields, so name what is to be sent. Gives whether it is sent: not if the endpoint is disabled. A request to an address is not signed.
    #[rhai_fn(return_raw, volatile)]
    pub fn webhook(context: NativeCallContext<'_>, to: &str, event: &str, payload: Dynamic) -> Outcome<bool> {
        ambient::note(&context);
        let key = ambient::running("webhook")?.host().postbox().map_err(of_domain)?.key;
        let (to, event, payload) = (to.to_owned(), event.to_owned(), json::to_public_json(&payload)?);
        ambient::write(move |tx| webhooks::emit(tx, key.as_ref(), &to, &event, &payload))
    }
}
