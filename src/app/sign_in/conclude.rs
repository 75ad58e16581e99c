//! The last steps of every sign-in method: the collection's rule, the second factor, the new-location alert, the
//! answer.

use super::scripts::{Scripts, Told};
use crate::app::App;
use crate::app::limits::{Client, Rank, RankedClient};
use crate::domain::Result;
use crate::domain::auth::origins::Origin;
use crate::domain::auth::{self, Factor, Outcome};
use crate::domain::caller::RequestInfo;
use crate::domain::mail::Postbox;
use crate::domain::model::{Collection, Record};
use crate::domain::records::Shape;
use crate::domain::tx::WriteTx;
use crate::scripts::Event;
use serde_json::Value;
use std::sync::Arc;

/// A sign-in request, whichever method it uses.
#[derive(Debug)]
pub struct SignIn {
    /// The request as rules see it.
    pub info: RequestInfo,
    pub collection: Arc<Collection>,
    pub client: Client,
    /// The `User-Agent` header as raw bytes.
    pub user_agent: Vec<u8>,
    /// The id from an earlier, different factor; empty if there was none.
    pub mfa_id: String,
    /// How the record is shown in the answer.
    pub shape: Shape,
}

/// How a sign-in ended.
#[derive(Debug)]
pub enum SignedIn {
    /// The answer's JSON: token and record.
    Completed(Vec<u8>),
    /// A different factor must now be proven, together with this id.
    SecondFactor { mfa_id: String },
}

/// A factor that was proven.
#[derive(Debug)]
pub(super) struct Proof {
    pub factor: Factor,
    /// What the method adds to the answer besides token and record.
    pub meta: Option<Value>,
}

impl From<Factor> for Proof {
    fn from(factor: Factor) -> Self {
        Self { factor, meta: None }
    }
}

impl SignIn {
    fn origin(&self) -> Origin {
        Origin::new(self.client.address, &self.user_agent)
    }

    /// Whose limits the password comparison counts against.
    pub(super) fn ranked_client(&self) -> RankedClient {
        let rank = if self.collection.is_superusers() { Rank::SuperuserSignIn } else { Rank::Anyone };
        RankedClient { client: self.client, rank }
    }
}

/// Signs `record` in. Returns token and record, or the challenge for a second factor.
pub(super) async fn conclude(app: &App, request: SignIn, record: Arc<Record>, proof: Proof) -> Result<SignedIn> {
    let postbox = app.postbox();
    let scripts = Scripts::of(app, &record.collection);
    if auth::has_second_factor(&record.collection) || scripts.listen() {
        let (of, told) = (Arc::clone(&record), Told::of(&request.info, &record, proof.factor.as_str()));
        let signed_in =
            write(app, &of, move |tx| conclude_in(tx, &postbox, &request, &record, &proof, &scripts)).await?;
        told.tell(app, &signed_in);
        return Ok(signed_in);
    }
    let told = Told::of(&request.info, &record, proof.factor.as_str());
    let (signed_in, origin) = (Arc::clone(&record), request.origin());
    let (place, expand) = (origin.clone(), request.shape.expand.clone());
    let (body, is_known) = app
        .read_to_show(&signed_in.collection.id, &expand, move |tx| {
            let token = auth::finish_directly(tx, &request.info, &record, proof.factor)?;
            let is_known = auth::origins::is_known(tx, &record, &origin)?;
            let body = auth::answer(tx, &request.info, &record, &token, proof.meta.as_ref(), &request.shape)?;
            Ok((body, is_known))
        })
        .await?;
    if !is_known {
        let of = Arc::clone(&signed_in);
        write(app, &of, move |tx| auth::origins::notice(tx, &postbox, &signed_in, &place)).await?;
    }
    let signed_in = SignedIn::Completed(body);
    told.tell(app, &signed_in);
    Ok(signed_in)
}

/// Superusers may write even when the disk is full, because they are the ones who can make room.
async fn write<T: Send + 'static>(
    app: &App,
    record: &Record,
    work: impl FnOnce(&WriteTx) -> Result<T> + Send + 'static,
) -> Result<T> {
    if record.collection.is_superusers() { app.write_making_room(work).await } else { app.write(work).await }
}

/// Does the same as [`conclude`] inside the write transaction of a sign-in.
pub(super) fn conclude_in(
    tx: &WriteTx,
    postbox: &Postbox,
    request: &SignIn,
    record: &Arc<Record>,
    proof: &Proof,
    scripts: &Scripts,
) -> Result<SignedIn> {
    let (info, method) = (&request.info, proof.factor.as_str());
    match auth::finish(tx, info, record, proof.factor, &request.mfa_id)? {
        Outcome::SignedIn { token } => {
            let meta = scripts.sign_in(tx, info, record, method, &token, proof.meta.clone())?;
            auth::origins::notice(tx, postbox, record, &request.origin())?;
            let body = auth::answer(tx, info, record, &token, meta.as_ref(), &request.shape)?;
            Ok(SignedIn::Completed(body))
        }
        Outcome::SecondFactor { mfa_id } => {
            scripts.ask(tx, Event::OnSecondFactor, info, record, method)?;
            Ok(SignedIn::SecondFactor { mfa_id })
        }
    }
}
