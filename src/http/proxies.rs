//! From which address a request really comes, when a proxy stands before the server.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;

use crate::config::Network;

/// Puts the client's address in place of the proxy's: limits, sign-in and log all read it there.
pub(super) async fn see_through(State(trusted): State<Vec<Network>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    if let Some(peer) = peer {
        let client = client(peer.ip(), request.headers(), &trusted);
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(client, peer.port())));
    }
    next.run(request).await
}

/// The last address in the chain that no trusted proxy has: whatever stands before it, the client may have written itself.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.holds(address));
    let mut seen = peer.to_canonical();
    let lines: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    for word in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !is_trusted(seen) {
            break;
        }
        match word.trim().parse::<IpAddr>() {
            Ok(before) => seen = before.to_canonical(),
            Err(_) => break,
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &str) -> String {
        let trusted = ["127.0.0.1", "10.0.0.0/8"].map(|text| Network::try_from(text.to_owned()).unwrap());
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_what_a_trusted_proxy_wrote_is_believed() {
        assert_eq!(seen("198.51.100.7", "203.0.113.1"), "198.51.100.7", "a stranger says what they like");
        assert_eq!(seen("127.0.0.1", "203.0.113.1"), "203.0.113.1");
        assert_eq!(seen("127.0.0.1", "192.0.2.9, 203.0.113.1"), "203.0.113.1", "the client's own words are not read");
        assert_eq!(seen("127.0.0.1", "203.0.113.1, 10.1.2.3"), "203.0.113.1", "two proxies in a row");
        assert_eq!(seen("::ffff:127.0.0.1", "2001:db8::1"), "2001:db8::1");
        assert_eq!(seen("127.0.0.1", "nonsense"), "127.0.0.1");
    }
}
