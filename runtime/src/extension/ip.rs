//! `ipaddr`: addresses and ranges of both families.
//!
//! Equality compares the address as it was written and the prefix, so `10.0.0.1/24` and `10.0.0.2/24` are two values;
//! being in a range compares the networks.

use core::fmt;
use std::net::{IpAddr, Ipv4Addr};

use super::ExtensionProblem;

/// The longest text of an address with a prefix, in bytes.
const LONGEST: usize = 43;

/// An IP address or range: an address and the length of its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct IpRange {
    /// The address, not masked.
    pub(crate) address: IpAddr,
    /// How many leading bits name the range.
    pub(crate) prefix: u8,
}

impl Default for IpRange {
    fn default() -> Self {
        Self { address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), prefix: 32 }
    }
}

impl fmt::Display for IpRange {
    /// A range of one address is written as that address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            IpAddr::V4(address) => write!(f, "{address}")?,
            // The standard library writes mapped addresses with points, which the constructor does not read.
            IpAddr::V6(address) => match address.to_ipv4_mapped() {
                Some(_) => {
                    let [.., high, low] = address.segments();
                    write!(f, "::ffff:{high:x}:{low:x}")?;
                }
                None => write!(f, "{address}")?,
            },
        }
        if self.prefix < self.bits() { write!(f, "/{}", self.prefix) } else { Ok(()) }
    }
}

/// Reads an address, optionally with `/` and the length of a prefix.
pub(crate) fn parse(text: &str) -> Result<IpRange, ExtensionProblem> {
    if text.len() > LONGEST {
        return Err(ExtensionProblem::IpForm);
    }
    let occurrences = |c| text.matches(c).take(2).count();
    if occurrences(':') == 2 && occurrences('.') == 2 {
        return Err(ExtensionProblem::IpEmbedded);
    }
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().map_err(|_| ExtensionProblem::IpForm)?;
    let bits = bits(address);
    let prefix = prefix.map_or(Ok(bits), |prefix| parse_prefix(prefix, bits))?;
    Ok(IpRange { address, prefix })
}

fn parse_prefix(text: &str, bits: u8) -> Result<u8, ExtensionProblem> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let length = text.parse::<u8>().ok().filter(|length| plain && *length <= bits);
    length.ok_or(ExtensionProblem::IpPrefix)
}

fn bits(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

impl IpRange {
    fn bits(self) -> u8 {
        bits(self.address)
    }

    pub(crate) fn is_ipv4(self) -> bool {
        self.address.is_ipv4()
    }

    pub(crate) fn is_ipv6(self) -> bool {
        self.address.is_ipv6()
    }

    /// Whether all of the range is loopback: within `127.0.0.0/8`, or `::1`.
    pub(crate) fn is_loopback(self) -> bool {
        self.address.is_loopback() && self.prefix >= if self.is_ipv4() { 8 } else { 128 }
    }

    /// Whether all of the range is multicast: within `224.0.0.0/4` or `ff00::/8`.
    pub(crate) fn is_multicast(self) -> bool {
        self.address.is_multicast() && self.prefix >= if self.is_ipv4() { 4 } else { 8 }
    }

    /// Whether all of the range lies in the other; ranges of different families never do.
    pub(crate) fn is_in_range(self, other: Self) -> bool {
        let (inner, outer) = match (self.address, other.address) {
            (IpAddr::V4(inner), IpAddr::V4(outer)) => (u128::from(inner.to_bits()), u128::from(outer.to_bits())),
            (IpAddr::V6(inner), IpAddr::V6(outer)) => (inner.to_bits(), outer.to_bits()),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
        };
        let host_bits = u32::from(other.bits().saturating_sub(other.prefix));
        // Shifting by all bits leaves nothing to compare: every address is in a range with prefix 0.
        let network = |address: u128| address.checked_shr(host_bits).unwrap_or(0);
        self.prefix >= other.prefix && network(inner) == network(outer)
    }
}
