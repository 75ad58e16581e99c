use super::*;
use std::net::IpAddr;
use tokio::net::{TcpListener, TcpSocket};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const TIME: Duration = Duration::from_secs(20);

fn allowing(list: &[&str]) -> Outbound {
    let list: Vec<String> = list.iter().map(ToString::to_string).collect();
    Outbound::new(Guard::parse(&list).unwrap())
}

fn loopback() -> Outbound {
    allowing(&["127.0.0.0/8"])
}

#[tokio::test]
async fn only_the_public_internet_is_asked() {
    let outbound = Outbound::default();
    for url in [
        "http://127.0.0.1/x.png",
        "http://2130706433/x.png",
        "http://0x7f.1/x.png",
        "http://localhost/x.png",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1:8080/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:a00:1::]/",
        "https://[fd00::1]/",
        "http://user:pass@192.168.0.1/",
    ] {
        let outcome = outbound.send(Call::get(url, TIME, 10)).await;
        assert!(matches!(outcome, Err(OutboundError::Forbidden(_))), "{url}: {outcome:?}");
    }
    for url in ["ftp://93.184.215.14/x.png", "file:///etc/passwd", "data:image/png;base64,AAAA", "no url"] {
        assert!(matches!(outbound.send(Call::get(url, TIME, 10)).await, Err(OutboundError::BadUrl(_))), "{url}");
    }
    assert!(Guard::default().check(&Url::parse("https://93.184.215.14/x.png").unwrap()).is_ok());
}

#[tokio::test]
async fn an_owner_may_allow_hosts_networks_and_ports() {
    let server = MockServer::start().await;
    Mock::given(path("/")).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    let port = server.address().port();
    let ask = async |list: &[&str], host: &str| {
        allowing(list).send(Call::get(format!("http://{host}:{port}/"), TIME, 10)).await.map(|reply| reply.status)
    };
    let with_port = format!("localhost:{port}");
    assert_eq!(ask(&["127.0.0.1"], "127.0.0.1").await, Ok(204));
    assert_eq!(ask(&["localhost"], "localhost").await, Ok(204));
    assert_eq!(ask(&[&with_port], "localhost").await, Ok(204));
    let refused = |host: &str| Err(OutboundError::Forbidden(host.to_owned()));
    assert_eq!(ask(&["localhost:1"], "localhost").await, refused("localhost"));
    assert_eq!(ask(&["10.0.0.0/8", "example.com"], "127.0.0.1").await, refused("127.0.0.1"));
    for wrong in ["http://x", "a b", "x/y", "", "user@host"] {
        assert_eq!(Guard::parse(&[wrong.to_owned()]).unwrap_err(), wrong);
    }
}

#[tokio::test]
async fn each_redirect_is_checked_and_credentials_stay_with_their_host() {
    let server = MockServer::start().await;
    let serve = |at: &str, response: ResponseTemplate| Mock::given(path(at)).respond_with(response).mount(&server);
    let redirect = |status, target: &str| ResponseTemplate::new(status).insert_header("location", target);
    serve("/here", ResponseTemplate::new(200).set_body_bytes(vec![7; 100])).await;
    serve("/moved", redirect(302, "/here")).await;
    serve("/kept", redirect(307, "/here")).await;
    serve("/inside", redirect(302, "http://10.0.0.1/secret")).await;
    serve("/local", redirect(302, "file:///etc/passwd")).await;
    serve("/circle", redirect(302, "/circle")).await;
    serve("/other", redirect(302, &format!("http://localhost:{}/here", server.address().port()))).await;

    let outbound = allowing(&["127.0.0.0/8", "localhost"]);
    let post = async |at: &str| {
        let call = Call {
            method: Method::POST,
            headers: vec![
                ("Authorization".to_owned(), "secret".to_owned()),
                ("Content-Type".to_owned(), "text/plain".to_owned()),
                ("X-Api-Key".to_owned(), "secret".to_owned()),
                ("Accept".to_owned(), "text/html".to_owned()),
                ("User-Agent".to_owned(), "crm sync".to_owned()),
            ],
            body: b"x".as_slice().into(),
            max_redirects: 3,
            ..Call::get(format!("{}{at}", server.uri()), TIME, 100)
        };
        outbound.send(call).await
    };
    assert_eq!(post("/moved").await.unwrap().body.len(), 100);
    assert_eq!(post("/kept").await.unwrap().status, 200);
    assert_eq!(post("/other").await.unwrap().status, 200);
    assert!(matches!(post("/inside").await, Err(OutboundError::Forbidden(_))));
    assert!(matches!(post("/local").await, Err(OutboundError::BadUrl(_))));
    assert_eq!(post("/circle").await.unwrap_err(), OutboundError::TooManyRedirects(3));

    let arrived = server.received_requests().await.unwrap();
    let here: Vec<_> = arrived.iter().filter(|request| request.url.path() == "/here").collect();
    let has = |at: usize, name: &str| here[at].headers.contains_key(name);
    assert_eq!((here[0].method.as_str(), has(0, "authorization"), has(0, "content-type")), ("GET", true, false));
    assert_eq!((here[1].method.as_str(), here[1].body.as_slice()), ("POST", b"x".as_slice()));
    assert!(has(0, "x-api-key") && has(1, "x-api-key") && has(1, "content-type"), "the same host is told");
    assert!(!has(2, "authorization") && !has(2, "x-api-key"), "another host is not told");
    assert!(here[2].headers["accept"] == "text/html" && here[2].headers["user-agent"] == "crm sync");
}

#[tokio::test]
async fn without_redirects_the_answer_is_the_redirect_itself() {
    let server = MockServer::start().await;
    let away = ResponseTemplate::new(302).insert_header("location", "http://10.0.0.1/");
    Mock::given(method("GET")).respond_with(away).mount(&server).await;
    assert_eq!(loopback().send(Call::get(server.uri(), TIME, 10)).await.unwrap().status, 302);
}

#[tokio::test]
async fn size_and_time_are_limited() {
    let server = MockServer::start().await;
    let long = ResponseTemplate::new(200).set_body_bytes(vec![7; 100]);
    Mock::given(path("/long")).respond_with(long).mount(&server).await;
    let never = ResponseTemplate::new(200).set_delay(Duration::from_mins(10));
    Mock::given(path("/never")).respond_with(never).mount(&server).await;
    let outbound = loopback();
    let call = |at: &str, max_bytes| Call::get(format!("{}{at}", server.uri()), TIME, max_bytes);
    assert_eq!(outbound.send(call("/long", 99)).await.unwrap_err(), OutboundError::TooLarge(99));
    let cut = outbound.send(Call { cuts_body: true, ..call("/long", 99) }).await.unwrap();
    assert_eq!((cut.body.len(), cut.is_cut), (99, true));
    assert!(!outbound.send(call("/long", 100)).await.unwrap().is_cut);
    let time = Duration::from_millis(50);
    assert_eq!(outbound.send(Call { time, ..call("/never", 1) }).await.unwrap_err(), OutboundError::TimedOut(time));
}

/// Sends to a name that has these addresses.
async fn ask_named(allowed: &[&str], addresses: [&str; 2], port: u16) -> Result<u16, OutboundError> {
    let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
    let names = Names::Fixed([("hook.test".to_owned(), addresses)].into());
    let outbound = Outbound { names, ..allowing(allowed) };
    outbound.send(Call::get(format!("http://hook.test:{port}/"), TIME, 10)).await.map(|reply| reply.status)
}

#[tokio::test]
async fn a_name_with_an_address_that_is_not_allowed_is_not_asked_at_all() {
    let server = MockServer::start().await;
    Mock::given(path("/")).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    let port = server.address().port();
    for addresses in [["127.0.0.1", "10.0.0.1"], ["10.0.0.1", "127.0.0.1"], ["127.0.0.1", "::ffff:169.254.169.254"]] {
        let outcome = ask_named(&["127.0.0.0/8"], addresses, port).await;
        assert_eq!(outcome, Err(OutboundError::Forbidden("hook.test".to_owned())), "{addresses:?}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
    // An owner who lists the name vouches for all of its addresses.
    assert_eq!(ask_named(&["hook.test"], ["127.0.0.1", "127.0.0.1"], port).await, Ok(204));
}

#[tokio::test]
async fn a_name_with_a_dead_address_is_asked_at_the_other_one() {
    let server = MockServer::start().await;
    Mock::given(path("/")).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    let port = server.address().port();
    // Nobody listens there: the connection is refused.
    for addresses in [["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "127.0.0.2"]] {
        assert_eq!(ask_named(&["127.0.0.0/8"], addresses, port).await, Ok(204), "{addresses:?}");
    }
}

/// A host behind a firewall that drops packets answers nothing at all.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_name_with_a_silent_address_is_asked_at_the_other_one_in_time() {
    let server = MockServer::start().await;
    Mock::given(path("/")).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    let port = server.address().port();
    // The kernel does not answer further connections once those that nobody accepts are too many.
    let silent = TcpSocket::new_v4().unwrap();
    silent.bind(format!("127.0.0.2:{port}").parse().unwrap()).unwrap();
    let silent: TcpListener = silent.listen(0).unwrap();
    let mut filling = Vec::new();
    while let Ok(connection) =
        tokio::time::timeout(Duration::from_millis(300), tokio::net::TcpStream::connect(silent.local_addr().unwrap()))
            .await
    {
        filling.push(connection.unwrap());
        assert!(filling.len() < 100, "it goes on answering");
    }
    let began = std::time::Instant::now();
    assert_eq!(ask_named(&["127.0.0.0/8"], ["127.0.0.2", "127.0.0.1"], port).await, Ok(204));
    assert!(began.elapsed() >= CONNECT_TIME / 2, "the silent address was not tried first");
}
