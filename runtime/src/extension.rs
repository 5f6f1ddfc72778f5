//! Extension types.

/// An IP address or range: an address and the length of its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct IpRange {
    /// The address, not masked.
    pub(crate) address: std::net::IpAddr,
    /// How many leading bits name the range.
    pub(crate) prefix: u8,
}

impl Default for IpRange {
    fn default() -> Self {
        Self { address: std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), prefix: 32 }
    }
}
