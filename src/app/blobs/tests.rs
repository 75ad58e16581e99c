//! Tests of stores on disk, and of what survives a change of the settings. Buckets are tested against a running S3
//! server.

use super::*;
use futures_util::TryStreamExt as _;

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::local(&folder.path().join("storage")).unwrap();
    (folder, store)
}

fn at(key: &str) -> BlobKey {
    BlobKey::parse(key).unwrap()
}

async fn put(folder: &Path, store: &Store, key: &str, content: &str) {
    let path = folder.join("staged");
    std::fs::write(&path, content).unwrap();
    store.put_file(&at(key), &path, "text/plain").await.unwrap();
    assert!(!path.exists(), "the staged file is moved");
}

async fn read(store: &Store, key: &str, range: Option<std::ops::Range<u64>>) -> Option<String> {
    let blob = store.get(&at(key), range).await.unwrap()?;
    let chunks: Vec<_> = blob.stream.try_collect().await.unwrap();
    Some(String::from_utf8(chunks.concat()).unwrap())
}

async fn keys(store: &Store, prefix: &str) -> Vec<String> {
    let mut keys: Vec<_> = store.list(prefix).await.unwrap().into_iter().map(|meta| meta.key.to_string()).collect();
    keys.sort();
    keys
}

#[tokio::test]
async fn what_is_put_is_read_listed_and_deleted() {
    let (folder, store) = store();
    put(folder.path(), &store, "c/r/a.txt", "hello").await;
    put(folder.path(), &store, "c/r/thumbs_a.txt/1x1_a.txt", "t").await;
    put(folder.path(), &store, "c/r2/a.txt", "other").await;
    assert_eq!(std::fs::read_to_string(folder.path().join("storage/c/r/a.txt")).unwrap(), "hello");
    assert_eq!(read(&store, "c/r/a.txt", None).await.as_deref(), Some("hello"));
    assert_eq!(read(&store, "c/r/a.txt", Some(1..3)).await.as_deref(), Some("el"));
    assert_eq!(store.head(&at("c/r/a.txt")).await.unwrap().unwrap().size, 5);
    assert_eq!(keys(&store, "c/r").await, ["c/r/a.txt", "c/r/thumbs_a.txt/1x1_a.txt"]);
    store.delete(keys(&store, "c/r").await.iter().map(|key| at(key)).collect()).await.unwrap();
    assert_eq!(keys(&store, "").await, ["c/r2/a.txt"]);
    assert!(!folder.path().join("storage/c/r").exists(), "empty folders go too");
}

#[tokio::test]
async fn what_is_not_there_is_none_and_deleting_it_is_no_error() {
    let (folder, store) = store();
    put(folder.path(), &store, "c/r/a.txt", "hello").await;
    let long = "x".repeat(300);
    for key in ["nope", "c", "c/r", "c/r/nope", "c/r/a.txt/nope", "c/r/../../secret", &long] {
        assert_eq!(read(&store, key, None).await, None, "{key}");
        assert_eq!(store.head(&at(key)).await.unwrap(), None, "{key}");
    }
    store.delete(vec![at("nope"), at("c/r/a.txt")]).await.unwrap();
    assert_eq!(keys(&store, "").await, [""; 0]);
}

#[tokio::test]
async fn strange_parts_of_a_key_stay_inside() {
    let (folder, store) = store();
    for key in ["c/../a", "c/./a", "c/%2e%2e/a", "c/é #1/a"] {
        put(folder.path(), &store, key, key).await;
        assert_eq!(read(&store, key, None).await.as_deref(), Some(key));
    }
    assert_eq!(keys(&store, "").await.len(), 4, "{:?}", keys(&store, "").await);
    assert!(!folder.path().join("storage/a").exists());
}

#[tokio::test]
async fn a_panic_in_work_on_files_is_an_error() {
    let outcome = blocking(|| -> std::io::Result<()> { panic!("for the test") }).await;
    assert!(outcome.is_err());
}

#[tokio::test]
async fn a_store_that_is_down_says_so() {
    let settings = S3 {
        enabled: true,
        bucket: "b".to_owned(),
        region: "r".to_owned(),
        endpoint: "http://127.0.0.1:1".to_owned(),
        force_path_style: true,
        ..S3::default()
    };
    let error = test_s3(&settings).await.unwrap_err().to_string();
    assert!(error.starts_with("failed to upload a test file: "), "{error}");
    let error = test_s3(&S3::default()).await.unwrap_err().to_string();
    assert_eq!(error, "S3 storage filesystem is not enabled");
}
