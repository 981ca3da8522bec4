//! What a newcomer may try: the addresses, and one line of SQL that changes the open map.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use sqlx::PgPool;

/// The addresses under which the pages are reached.
pub(super) fn addresses(bound: SocketAddr) -> Vec<String> {
    let port = bound.port();
    if !bound.ip().is_unspecified() {
        return vec![format!("http://{bound}")];
    }
    let mut found = vec![format!("http://127.0.0.1:{port}")];
    found.extend(own_address().map(|address| format!("http://{address}:{port}")));
    found
}

/// The address that this machine would send from; nothing is sent.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // A documentation address (RFC 5737): choosing a route to it needs no packet.
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// A `psql` line that gives a zone near the middle of the map another use, as a colleague in a shell would.
pub(super) async fn change_a_zone(pool: &PgPool, psql: &str) -> Option<String> {
    let found: Option<(String, String, String, Option<String>)> =
        sqlx::query_as(include_str!("zone_near_centre.sql")).fetch_optional(pool).await.ok()?;
    let (plan, zone, attribute, after) = found?;
    Some(format!(
        "{psql} -c \"UPDATE gis.planning_zone SET {attribute} = '{}' WHERE plan = '{plan}' AND zone_code = '{zone}'\"",
        after?
    ))
}

/// Opens the page when there is a screen to open it on.
pub(super) fn open_page(address: &str) {
    let has_screen = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if !has_screen {
        return;
    }
    // No browser is no reason to stop; the address was printed.
    let _ = std::process::Command::new("xdg-open")
        .arg(address)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_for_this_machine_names_one_address() {
        assert_eq!(addresses(([127, 0, 0, 1], 8080).into()), ["http://127.0.0.1:8080"]);
    }

    #[test]
    fn a_server_for_the_network_names_its_own_port() {
        let found = addresses(([0, 0, 0, 0], 8090).into());
        assert!(found.iter().all(|address| address.ends_with(":8090")) && found[0].contains("127.0.0.1"), "{found:?}");
    }
}
