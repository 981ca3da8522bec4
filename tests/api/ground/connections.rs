//! What one machine may hold of the server: places, streams, connections; and that others are answered meanwhile.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::TestCity;

/// A connection from one of this machine's addresses.
async fn from(address: &str, city: &TestCity) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{address}:0").parse().unwrap()).unwrap();
    let server: SocketAddr = city.origin.strip_prefix("http://").unwrap().parse().unwrap();
    socket.connect(server).await.unwrap()
}

/// Reads until the other side closes, or until `enough` is there.
async fn read_until(stream: &mut TcpStream, enough: &str) -> String {
    let mut all = Vec::new();
    let reading = async {
        let mut piece = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut piece).await {
            all.extend_from_slice(&piece[..count]);
            if !enough.is_empty() && String::from_utf8_lossy(&all).contains(enough) {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reading).await.expect("it ends within 20 s");
    String::from_utf8_lossy(&all).into_owned()
}

async fn ask(stream: &mut TcpStream, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    read_until(stream, "\r\n\r\n").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_half_sent_is_closed() {
    let city = TestCity::with(|config| config.limits.header_seconds = 1).await;
    let mut half = from("127.0.0.1", &city).await;
    half.write_all(b"GET /healthz HTTP/1.1\r\nhost: local").await.unwrap();
    let answer = read_until(&mut half, "").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    let mut whole = from("127.0.0.1", &city).await;
    assert!(ask(&mut whole, "/healthz").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_holds_all_its_connections_keeps_nobody_else_out() {
    let city = TestCity::with(|config| config.limits.connections_per_address = 3).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut one = from("127.0.0.2", &city).await;
        assert!(ask(&mut one, "/healthz").await.starts_with("HTTP/1.1 200"));
        one.write_all(b"GET /healthz HT").await.unwrap();
        held.push(one);
    }
    let mut fourth = from("127.0.0.2", &city).await;
    let refused = read_until(&mut fourth, "").await;
    assert!(refused.starts_with("HTTP/1.1 429") && refused.contains("retry-after"), "{refused}");
    assert!(refused.contains("/problems/too-many-connections"), "{refused}");
    let mut other = from("127.0.0.3", &city).await;
    assert!(ask(&mut other, "/healthz").await.starts_with("HTTP/1.1 200"), "others are answered");
    drop(held);
    city.until("a place is free again", async || {
        let mut again = from("127.0.0.2", &city).await;
        ask(&mut again, "/healthz").await.starts_with("HTTP/1.1 200")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn event_streams_are_counted_by_address_and_in_all() {
    let city = TestCity::with(|config| {
        config.limits.streams_per_address = 2;
        config.limits.streams = 3;
    })
    .await;
    let mut open = Vec::new();
    for (address, expected) in
        [("127.0.0.2", "200"), ("127.0.0.2", "200"), ("127.0.0.2", "429"), ("127.0.0.3", "200"), ("127.0.0.4", "503")]
    {
        let mut stream = from(address, &city).await;
        let answer = ask(&mut stream, "/api/v1/events").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "{address}: {answer}");
        assert_eq!(expected == "200", !answer.contains("retry-after"), "{answer}");
        open.push(stream);
    }
    assert_eq!(city.get("/api/v1/layers").await.status(), 200, "questions are answered meanwhile");
    drop(open);
    city.until("the places are free again", async || {
        let mut stream = from("127.0.0.2", &city).await;
        ask(&mut stream, "/api/v1/events").await.starts_with("HTTP/1.1 200")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_holds_its_share_of_places_and_no_position_of_the_future_is_waited_for() {
    let city = TestCity::with(|config| config.limits.concurrent_per_address = 2).await;
    let here = city.app.live.position();
    let far = format!("/api/v1/lookup?lon=106.7&lat=10.77&position={}:{}", here.epoch, u64::MAX);
    let refused = city.get(&far).await;
    assert_eq!((refused.status(), refused.problem().field.as_deref()), (400, Some("position")));
    // A little ahead is a write that has not arrived: it is waited for, and said.
    let near = format!("/api/v1/lookup?lon=106.7&lat=10.77&position={}:{}", here.epoch, here.xid + 50_000);
    assert_eq!(city.get(&near).await.header("dothi-core-behind"), "true");
    // Bodies that do not come hold their places. One that met the question below is refused, so each round brings another.
    let waiting = tokio::sync::Mutex::new(Vec::new());
    city.until("the share of the address is used up", async || {
        let mut one = from("127.0.0.2", &city).await;
        let head = "POST /api/v1/within HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 64\r\n\r\n";
        one.write_all(head.as_bytes()).await.unwrap();
        waiting.lock().await.push(one);
        let mut asking = from("127.0.0.2", &city).await;
        let answer = ask(&mut asking, "/api/v1/layers").await;
        answer.starts_with("HTTP/1.1 429") && answer.contains("retry-after: 1")
    })
    .await;
    let mut other = from("127.0.0.3", &city).await;
    assert!(ask(&mut other, "/api/v1/layers").await.starts_with("HTTP/1.1 200"), "others have their own share");
    drop(waiting);
    city.until("the places are free again", async || {
        let mut again = from("127.0.0.2", &city).await;
        ask(&mut again, "/api/v1/layers").await.starts_with("HTTP/1.1 200")
    })
    .await;
}
