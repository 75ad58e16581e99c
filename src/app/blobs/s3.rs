//! Creates the S3 client from the owner's settings.

use super::BlobError;
use crate::domain::model::S3;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::{ClientOptions, RetryConfig};
use std::time::Duration;
use url::Url;

/// The timeout of one request. A large file is uploaded in parts, so no single request takes long.
const REQUEST_TIME: Duration = Duration::from_mins(2);
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// Few, because a user waits for the answer and should soon learn that a store is down.
const MAX_RETRIES: usize = 3;
const RETRY_TIME: Duration = Duration::from_secs(20);

pub(super) fn client(settings: &S3) -> Result<AmazonS3, BlobError> {
    let endpoint = endpoint(settings)?;
    let options =
        ClientOptions::new().with_allow_http(true).with_timeout(REQUEST_TIME).with_connect_timeout(CONNECT_TIME);
    let retry = RetryConfig { max_retries: MAX_RETRIES, retry_timeout: RETRY_TIME, ..RetryConfig::default() };
    AmazonS3Builder::new()
        .with_client_options(options)
        .with_retry(retry)
        .with_endpoint(endpoint)
        .with_bucket_name(&settings.bucket)
        .with_region(&settings.region)
        .with_access_key_id(&settings.access_key)
        .with_secret_access_key(settings.secret.reveal())
        .with_virtual_hosted_style_request(!settings.force_path_style)
        .build()
        .map_err(|error| BlobError::Other(format!("the S3 settings are not usable: {error}")))
}

/// The endpoint as a URL. With virtual-hosted buckets, its host starts with the bucket's name.
fn endpoint(settings: &S3) -> Result<String, BlobError> {
    let text = settings.endpoint.trim();
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let refused = || {
        BlobError::Other(format!("the S3 endpoint {text:?} is no URL, such as https://s3.eu-central-1.amazonaws.com"))
    };
    let mut url = Url::parse(&full).map_err(|_| refused())?;
    let host = url.host_str().ok_or_else(refused)?.to_owned();
    let bucket = format!("{}.", settings.bucket);
    if !settings.force_path_style && !host.starts_with(&bucket) {
        url.set_host(Some(&format!("{bucket}{host}"))).map_err(|_| refused())?;
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_hosts_unless_paths_are_wanted() {
        let check = |given: &str, force_path_style, expected: &str| {
            let settings = S3 { endpoint: given.to_owned(), bucket: "b".to_owned(), force_path_style, ..S3::default() };
            assert_eq!(endpoint(&settings).ok().as_deref(), Some(expected), "{given}");
        };
        check("https://s3.example.com/", true, "https://s3.example.com");
        check("s3.example.com", true, "https://s3.example.com");
        check("s3.example.com", false, "https://b.s3.example.com");
        check("https://b.s3.example.com", false, "https://b.s3.example.com");
        check("http://localhost:9000", true, "http://localhost:9000");
        let settings = S3 { endpoint: "http://".to_owned(), ..S3::default() };
        assert!(endpoint(&settings).is_err());
    }
}
