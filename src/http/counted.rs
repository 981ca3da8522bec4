//! How many of something each address holds at this moment, and all together.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use parking_lot::Mutex;

/// Whose share it is: an IPv4 address, or the /64 that a household or an office has of IPv6.
pub(super) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address => address,
    }
}

/// A count by address, with its bounds; 0 is no bound.
#[derive(Clone)]
pub(super) struct Counted {
    now: Arc<Mutex<Now>>,
    most_each: usize,
    most: usize,
}

#[derive(Default)]
struct Now {
    all: usize,
    each: HashMap<IpAddr, usize>,
}

/// Why there is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// This address holds its share.
    Here,
    /// All together do.
    Everywhere,
}

/// One of them, until it is dropped.
pub(super) struct Held {
    now: Arc<Mutex<Now>>,
    address: IpAddr,
}

impl Counted {
    pub(super) fn new(most_each: usize, most: usize) -> Self {
        Self { now: Arc::default(), most_each, most }
    }

    /// One more for an address.
    pub(super) fn enter(&self, address: IpAddr) -> Result<Held, Full> {
        let address = network_of(address);
        let mut now = self.now.lock();
        let held = now.each.get(&address).copied().unwrap_or_default();
        if self.most_each > 0 && held >= self.most_each {
            return Err(Full::Here);
        }
        if self.most > 0 && now.all >= self.most {
            return Err(Full::Everywhere);
        }
        now.all += 1;
        now.each.insert(address, held + 1);
        Ok(Held { now: Arc::clone(&self.now), address })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut now = self.now.lock();
        now.all -= 1;
        if let Some(held) = now.each.get_mut(&self.address) {
            *held -= 1;
            if *held == 0 {
                now.each.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_share_and_gives_it_back() {
        let counted = Counted::new(2, 3);
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        let first = counted.enter(ip("192.0.2.1")).expect("there is room");
        let _second = counted.enter(ip("::ffff:192.0.2.1")).expect("there is room");
        assert_eq!(counted.enter(ip("192.0.2.1")).err(), Some(Full::Here), "the same address, written in another way");
        let _third = counted.enter(ip("2001:db8:0:1::1")).expect("others have room");
        assert_eq!(counted.enter(ip("2001:db8:0:2::1")).err(), Some(Full::Everywhere));
        drop(first);
        let _fourth = counted.enter(ip("2001:db8:0:1:ffff::2")).expect("room again");
        assert_eq!(network_of(ip("2001:db8:0:1:ffff::2")), network_of(ip("2001:db8:0:1::1")), "one household");
    }
}
