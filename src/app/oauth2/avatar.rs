//! Downloads a picture from a URL that a user may have chosen: users who edit their profile at a provider could point this
//! server at any host it can reach. So only the public internet is asked, whatever an owner allows to scripts.

use super::{Oauth2, Outcome};
use crate::app::outbound::{Call, Outbound};
use reqwest::Url;
use std::time::Duration;

/// The time limit for the whole download, because the sign-in waits for it.
const TIME: Duration = Duration::from_secs(10);
const MAX_REDIRECTS: usize = 3;
const MAX_BYTES: u64 = 5 * 1024 * 1024;

#[derive(Debug)]
pub struct Avatar {
    /// The last path segment of the URL.
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Oauth2 {
    /// Downloads a picture of at most `max_bytes` bytes. Returns `None` if that fails. A failure is logged but does not
    /// prevent the sign-in.
    pub async fn fetch_avatar(&self, url: &str, max_bytes: u64) -> Option<Avatar> {
        let max_bytes = usize::try_from(max_bytes.min(MAX_BYTES)).unwrap_or_default();
        match download(&self.outbound, url, max_bytes).await {
            Ok(avatar) => Some(avatar),
            Err(cause) => {
                tracing::warn!(cause, "an avatar could not be downloaded");
                None
            }
        }
    }
}

async fn download(outbound: &Outbound, url: &str, max_bytes: usize) -> Outcome<Avatar> {
    let call = Call { max_redirects: MAX_REDIRECTS, ..Call::get(url, TIME, max_bytes) };
    let reply = outbound.send(call).await.map_err(|error| error.to_string())?;
    if !(200..300).contains(&reply.status) {
        return Err(format!("the answer is {}", reply.status));
    }
    Ok(Avatar { name: name_of(&reply.url), bytes: reply.body })
}

fn name_of(url: &Url) -> String {
    let name = url.path_segments().and_then(|mut parts| parts.next_back()).filter(|name| !name.is_empty());
    name.unwrap_or("avatar").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::outbound::Guard;
    use wiremock::matchers::path;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    #[tokio::test]
    async fn only_the_public_internet_is_asked() {
        let server = MockServer::start().await;
        Mock::given(path("/ann.png")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
        let oauth2 = Oauth2::default();
        for url in [&format!("{}/ann.png", server.uri()), "no url"] {
            assert!(oauth2.fetch_avatar(url, 10).await.is_none(), "{url}");
        }
        assert!(server.received_requests().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn redirects_are_followed_and_large_pictures_are_skipped() {
        let server = MockServer::start().await;
        let serve = |at: &str, response: ResponseTemplate| Mock::given(path(at)).respond_with(response).mount(&server);
        let redirect = |target: &str| ResponseTemplate::new(302).insert_header("location", target);
        serve("/pictures/ann.png", ResponseTemplate::new(200).set_body_bytes(vec![7; 100])).await;
        serve("/moved", redirect("/pictures/ann.png")).await;
        serve("/circle", redirect("/circle")).await;

        let outbound = Outbound::new(Guard::parse(&["127.0.0.0/8".to_owned()]).unwrap());
        let fetch = async |at: &str, max_bytes| download(&outbound, &format!("{}{at}", server.uri()), max_bytes).await;
        for at in ["/pictures/ann.png", "/moved"] {
            let avatar = fetch(at, 100).await.unwrap();
            assert_eq!((avatar.name.as_str(), avatar.bytes.len()), ("ann.png", 100), "{at}");
        }
        assert!(fetch("/pictures/ann.png", 99).await.is_err());
        for at in ["/circle", "/missing"] {
            assert!(fetch(at, 100).await.is_err(), "{at}");
        }
    }
}
