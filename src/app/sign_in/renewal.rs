//! Tokens without a proof of identity: a renewed one, and one to act as somebody else.

use super::scripts::Scripts;
use crate::app::App;
use crate::domain::Result;
use crate::domain::auth;
use crate::domain::caller::{Context, RequestInfo};
use crate::domain::model::{Collection, Record};
use crate::domain::records::Shape;
use crate::domain::tx::ReadTx;
use crate::scripts::Event;
use std::sync::Arc;

/// Returns the answer to a renewal of `sent`, a token of `record`, and the new token. One that cannot be renewed is returned unchanged.
pub async fn refresh(
    app: &App,
    request: RequestInfo,
    record: Arc<Record>,
    sent: String,
    is_refreshable: bool,
    shape: Shape,
) -> Result<(Vec<u8>, String)> {
    let (collection, expand) = (Arc::clone(&record.collection), shape.expand.clone());
    let issue = {
        let (request, record) = (request.clone(), Arc::clone(&record));
        move |tx: &ReadTx| -> Result<String> {
            auth::check_auth_rule(tx, &request, &record, Context::Default)?;
            Ok(if is_refreshable { auth::token::issue_auth(&record, tx.now(), true, None) } else { sent.clone() })
        }
    };
    let scripts = Scripts::of(app, &collection);
    if scripts.listen() {
        let work = move |tx: &crate::domain::tx::WriteTx| {
            let token = issue(tx)?;
            scripts.ask(tx, Event::OnRefresh, &request, &record, "refresh")?;
            let meta = scripts.sign_in(tx, &request, &record, "refresh", &token, None)?;
            Ok((auth::answer(tx, &request, &record, &token, meta.as_ref(), &shape)?, token))
        };
        return if collection.is_superusers() { app.write_making_room(work).await } else { app.write(work).await };
    }
    app.read_to_show(&collection.id, &expand, move |tx| {
        let token = issue(tx)?;
        Ok((auth::answer(tx, &request, &record, &token, None, &shape)?, token))
    })
    .await
}

/// Returns the answer with a token for another record, for superusers. `seconds` of 0 means the collection's lifetime.
pub async fn impersonate(
    app: &App,
    request: RequestInfo,
    collection: Arc<Collection>,
    id: String,
    seconds: i64,
    shape: Shape,
) -> Result<Vec<u8>> {
    let scripts = Scripts::of(app, &collection);
    if scripts.listen() {
        return app
            .write(move |tx| {
                let (record, token) = auth::impersonate(tx, &collection, &id, seconds)?;
                scripts.ask(tx, Event::OnImpersonation, &request, &record, "impersonation")?;
                let meta = scripts.sign_in(tx, &request, &record, "impersonation", &token, None)?;
                auth::answer(tx, &request, &record, &token, meta.as_ref(), &shape)
            })
            .await;
    }
    let (asked, expand) = (collection.id.clone(), shape.expand.clone());
    app.read_to_show(&asked, &expand, move |tx| {
        let (record, token) = auth::impersonate(tx, &collection, &id, seconds)?;
        auth::answer(tx, &request, &record, &token, None, &shape)
    })
    .await
}
