//! Links that anyone can have sent to an address by naming it, such as a password reset: the logic their requests
//! share.

use super::scripts::{Choice, Lookup};
use crate::app::App;
use crate::app::limits::RankedClient;
use crate::domain::Result;
use crate::domain::caller::RequestInfo;
use crate::domain::mail::Postbox;
use crate::domain::model::{Collection, Record};
use crate::domain::tx::{ReadTx, WriteTx};
use crate::scripts::Event;
use std::sync::Arc;

/// One kind of link.
pub(super) struct MailedLink {
    pub name: &'static str,
    /// What scripts are asked.
    pub event: Event,
    /// Finds the record of an address. Returns `None` if it must not get the mail.
    pub find: fn(&ReadTx, &Arc<Collection>, &str) -> Result<Option<Record>>,
    /// Queues the mail to the record with this id.
    pub post: fn(&WriteTx, &Postbox, &Arc<Collection>, &str) -> Result<()>,
}

impl MailedLink {
    /// Returns immediately and with the same result whether or not the address is known, so that timing reveals
    /// nothing.
    pub fn request(
        &'static self,
        app: &App,
        ranked_client: RankedClient,
        info: RequestInfo,
        collection: Arc<Collection>,
        email: String,
    ) -> Result<()> {
        let place = app.join_aside(ranked_client)?;
        let system = app.clone();
        app.aside(place, self.name, async move { self.send(&system, &info, collection, email).await });
        Ok(())
    }

    /// Notes that the link was used, so that another one may be requested immediately.
    pub fn used(&self, app: &App, record: &Record) {
        app.throttle().free(&self.key(&record.collection, record.id()));
    }

    async fn send(&self, app: &App, info: &RequestInfo, collection: Arc<Collection>, email: String) -> Result<()> {
        let (find, post) = (self.find, self.post);
        let (wanted, address) = (Arc::clone(&collection), email.clone());
        let found = app.read(move |tx| find(tx, &wanted, &address)).await?;
        let lookup = Lookup { event: self.event, collection: &collection, info, email: &email };
        let (Choice::Unchanged(Some(record)) | Choice::Other(record)) = lookup.ask(app, found).await else {
            return Ok(());
        };
        let key = self.key(&collection, record.id());
        app.post_once(&key, move |tx, postbox| post(tx, postbox, &collection, record.id())).await
    }

    fn key(&self, collection: &Collection, record_id: &str) -> (&'static str, String, String) {
        (self.name, collection.id.clone(), record_id.to_owned())
    }
}
