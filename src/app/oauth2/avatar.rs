//! Downloads a picture from a URL that a user may have chosen: users who edit their profile at a provider could point this
//! server at any host it can reach. So the host is resolved here, every address must be public, and the connection goes to
//! exactly these addresses, without a proxy. Each redirect is checked in the same way.

use super::client::{describe, read};
use super::{Oauth2, Outcome};
use crate::base::ip;
use reqwest::redirect::Policy;
use reqwest::{Response, Url, header};
use std::net::{IpAddr, SocketAddr};
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
        let outcome = tokio::time::timeout(TIME, download(url, max_bytes, ip::is_public)).await;
        match outcome.unwrap_or_else(|_| Err("it took too long".to_owned())) {
            Ok(avatar) => Some(avatar),
            Err(cause) => {
                tracing::warn!(cause, "an avatar could not be downloaded");
                None
            }
        }
    }
}

/// Whether a connection to an address is allowed.
type IsAllowed = fn(IpAddr) -> bool;

async fn download(url: &str, max_bytes: usize, is_allowed: IsAllowed) -> Outcome<Avatar> {
    let mut url = Url::parse(url).map_err(|error| error.to_string())?;
    for _ in 0..=MAX_REDIRECTS {
        let response = ask(&url, is_allowed).await?;
        let target = response.headers().get(header::LOCATION).and_then(|target| target.to_str().ok());
        if let Some(target) = target.filter(|_| response.status().is_redirection()) {
            url = url.join(target).map_err(|error| error.to_string())?;
            continue;
        }
        if !response.status().is_success() {
            return Err(format!("the answer is {}", response.status()));
        }
        let name = url.path_segments().and_then(|mut parts| parts.next_back()).filter(|name| !name.is_empty());
        let name = name.unwrap_or("avatar").to_owned();
        return Ok(Avatar { name, bytes: read(response, max_bytes).await? });
    }
    Err("there are too many redirects".to_owned())
}

async fn ask(url: &Url, is_allowed: IsAllowed) -> Outcome<Response> {
    let addresses = allowed_addresses(url, is_allowed).await?;
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .resolve_to_addrs(url.host_str().unwrap_or_default(), &addresses)
        .build()
        .map_err(|error| describe(&error))?;
    client.get(url.clone()).send().await.map_err(|error| describe(&error))
}

/// Resolves the host of the URL. Fails if any of its addresses is not allowed.
async fn allowed_addresses(url: &Url, is_allowed: IsAllowed) -> Outcome<Vec<SocketAddr>> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("the scheme {} is not allowed for pictures", url.scheme()));
    }
    let port = url.port_or_known_default().unwrap_or_default();
    let found: Vec<SocketAddr> = match url.host() {
        Some(url::Host::Ipv4(address)) => vec![SocketAddr::new(IpAddr::V4(address), port)],
        Some(url::Host::Ipv6(address)) => vec![SocketAddr::new(IpAddr::V6(address), port)],
        Some(url::Host::Domain(name)) => {
            tokio::net::lookup_host((name, port)).await.map_err(|error| error.to_string())?.collect()
        }
        None => Vec::new(),
    };
    if found.is_empty() || !found.iter().all(|address| is_allowed(address.ip())) {
        return Err("the address is not public".to_owned());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wiremock::matchers::path;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    #[tokio::test]
    async fn only_the_public_internet_is_asked() {
        for url in [
            "http://127.0.0.1/x.png",
            "http://2130706433/x.png",
            "http://0x7f.1/x.png",
            "http://localhost/x.png",
            "http://169.254.169.254/latest/meta-data",
            "http://10.0.0.1:8080/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00::1]/",
            "http://user:pass@192.168.0.1/",
            "ftp://93.184.215.14/x.png",
            "file:///etc/passwd",
            "data:image/png;base64,AAAA",
        ] {
            assert!(allowed_addresses(&Url::parse(url).unwrap(), ip::is_public).await.is_err(), "{url}");
        }
        let url = Url::parse("https://93.184.215.14/x.png").unwrap();
        let public = allowed_addresses(&url, ip::is_public).await.unwrap();
        assert_eq!(public, ["93.184.215.14:443".parse().unwrap()]);
        assert!(Oauth2::default().fetch_avatar("no url", 10).await.is_none());
    }

    #[tokio::test]
    async fn each_redirect_is_checked_and_large_pictures_are_skipped() {
        let server = MockServer::start().await;
        let serve = |at: &str, response: ResponseTemplate| Mock::given(path(at)).respond_with(response).mount(&server);
        let redirect = |target: &str| ResponseTemplate::new(302).insert_header("location", target);
        serve("/pictures/ann.png", ResponseTemplate::new(200).set_body_bytes(vec![7; 100])).await;
        serve("/moved", redirect("/pictures/ann.png")).await;
        serve("/inside", redirect("http://10.0.0.1/secret")).await;
        serve("/local", redirect("file:///etc/passwd")).await;
        serve("/circle", redirect("/circle")).await;

        let fetch = async |at: &str, max_bytes| {
            download(&format!("{}{at}", server.uri()), max_bytes, |address| address.is_loopback()).await
        };
        for at in ["/pictures/ann.png", "/moved"] {
            let avatar = fetch(at, 100).await.unwrap();
            assert_eq!((avatar.name.as_str(), avatar.bytes.len()), ("ann.png", 100), "{at}");
        }
        assert!(fetch("/pictures/ann.png", 99).await.is_err());
        for at in ["/inside", "/local", "/circle", "/missing"] {
            assert!(fetch(at, 100).await.is_err(), "{at}");
        }
    }
}
