//! The arguments of extension constructors: good ones, bad ones, and good ones with one character changed.

use deodar_lexicon::builtin::ExtensionType;

use super::random::Random;

const DECIMALS: &[&str] = &[
    "1.0",
    "1.00",
    "0.0",
    "-0.0",
    "-1.5",
    "00001.0",
    "0.1234",
    "922337203685477.5807",
    "-922337203685477.5808",
    "1.5",
];
const BAD_DECIMALS: &[&str] = &[
    "1",
    "1.",
    "1.12345",
    "+1.0",
    ".5",
    "922337203685477.5808",
    "-922337203685477.5809",
    "",
    "1.0 ",
    "1,0",
    "１.0",
    "-.5",
    "--1.0",
    "1.0.0",
];
const ADDRESSES: &[&str] = &[
    "127.0.0.1",
    "10.0.0.1/24",
    "10.0.0.2/24",
    "10.0.0.0/8",
    "0.0.0.0/0",
    "224.0.0.1",
    "224.0.0.0/4",
    "224.0.0.0/3",
    "::1",
    "::1/127",
    "::",
    "::/0",
    "ff00::/8",
    "ff00::/7",
    "fe80::1/64",
    "FE80::1",
    "1:2:3:4:5:6:7::",
    "127.0.0.1/8",
    "127.0.0.1/7",
    "127.0.0.1/32",
    "255.255.255.255",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
];
const BAD_ADDRESSES: &[&str] = &[
    "01.2.3.4",
    "1.2.3.4/33",
    "1.2.3.4/032",
    "1.2.3.4/00",
    "::ffff:1.2.3.4",
    "fe80::1%eth0",
    "1.2.3",
    "",
    "1.2.3.4/",
    "1.2.3.4/+8",
    "::1/129",
    "::1/0128",
    "1:2:3:4:5:6:7:8:9",
    "1.2.3.256",
    "g::",
    " 1.2.3.4",
    "::1::",
    "1.2.3.4/8/8",
];
const DATETIMES: &[&str] = &[
    "2024-01-01",
    "2024-02-29",
    "1969-12-31T23:00:00Z",
    "1970-01-01",
    "1970-01-01T00:00:00.001Z",
    "0000-01-01",
    "9999-12-31",
    "2024-01-01T00:00:00.123+0100",
    "2024-01-01T12:30:45-2359",
    "9999-12-31T23:59:59.999-2359",
    "0000-01-01T00:00:00+2359",
    "2023-12-31T23:00:00-0100",
];
const BAD_DATETIMES: &[&str] = &[
    "2023-02-29",
    "2024-02-30",
    "2024-13-01",
    "2024-00-01",
    "2024-01-01T24:00:00Z",
    "2024-01-01T23:59:60Z",
    "2024-01-01T00:00:00.1Z",
    "2024-01-01T00:00:00+01:00",
    "2024-01-01T00:00:00+2400",
    "2024-01-01T00:00:00+0160",
    "10000-01-01",
    "2024-1-1",
    "2024-01-01T00:00:00",
    "",
    "2024-01-01 ",
    "2024-01-01t00:00:00z",
    "-2024-01-01",
    "２024-01-01",
];
const DURATIONS: &[&str] = &[
    "1d",
    "1h",
    "-1ms",
    "0ms",
    "1d2h3m4s5ms",
    "-1d",
    "90m",
    "3600s",
    "86400000ms",
    "9223372036854775807ms",
    "-9223372036854775808ms",
    "106751991167d",
    "-106751991167d7h12m55s808ms",
    "253402300799999ms",
];
const BAD_DURATIONS: &[&str] = &[
    "",
    "-",
    "1h1d",
    "1d1d",
    "1.5h",
    "+1h",
    "106751991168d",
    "9223372036854775808ms",
    "-9223372036854775809ms",
    "1",
    "1 d",
    "ms",
    "1D",
    "106751991167d7h12m55s808ms",
    "99999999999999999999d",
    "１d",
];

/// The argument of a constructor in a policy: mostly good.
pub fn argument(random: &mut Random<'_, '_>, ty: ExtensionType) -> String {
    let (good, bad) = lists(ty);
    match random.weighted(&[94, 3, 3]) {
        0 => (*random.pick(good)).to_owned(),
        1 => (*random.pick(bad)).to_owned(),
        _ => {
            let text = *random.pick(good);
            changed(random, text)
        }
    }
}

/// Arguments that are nearly the same: equal values in different spellings, and different values of one network.
const ALIKE: &[(ExtensionType, &str, &str)] = &[
    (ExtensionType::Decimal, "1.0", "1.00"),
    (ExtensionType::Decimal, "-0.0", "0.0"),
    (ExtensionType::Decimal, "1.5", "001.5000"),
    (ExtensionType::IpAddr, "10.0.0.1/24", "10.0.0.2/24"),
    (ExtensionType::IpAddr, "10.0.0.0/24", "10.0.0.1/24"),
    (ExtensionType::IpAddr, "10.0.0.1", "10.0.0.1/32"),
    (ExtensionType::IpAddr, "::1", "0:0:0:0:0:0:0:1"),
    (ExtensionType::IpAddr, "::7f00:1", "127.0.0.1"),
    (ExtensionType::Datetime, "2024-01-01", "2024-01-01T00:00:00Z"),
    (ExtensionType::Datetime, "2024-01-01T00:00:00.000+0100", "2023-12-31T23:00:00Z"),
    (ExtensionType::Duration, "1d", "24h"),
    (ExtensionType::Duration, "-0ms", "0d"),
];

/// Two arguments of one constructor that are nearly the same.
pub fn alike(random: &mut Random<'_, '_>) -> (ExtensionType, &'static str, &'static str) {
    *random.pick(ALIKE)
}

/// An argument that is always well-formed, for entities and contexts.
pub fn good_argument(random: &mut Random<'_, '_>, ty: ExtensionType) -> &'static str {
    let good = lists(ty).0;
    good[random.below(good.len())]
}

fn lists(ty: ExtensionType) -> (&'static [&'static str], &'static [&'static str]) {
    match ty {
        ExtensionType::Decimal => (DECIMALS, BAD_DECIMALS),
        ExtensionType::IpAddr => (ADDRESSES, BAD_ADDRESSES),
        ExtensionType::Datetime => (DATETIMES, BAD_DATETIMES),
        ExtensionType::Duration => (DURATIONS, BAD_DURATIONS),
    }
}

fn changed(random: &mut Random<'_, '_>, text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let new = *random.pick(&['0', '9', '.', ':', '-', '+', '/', 'T', 'Z', 'd', 'h', 'm', 's', ' ', 'é']);
    let at = random.below(characters.len() + 1);
    match random.below(3) {
        0 => characters.insert(at, new),
        1 if at < characters.len() => characters[at] = new,
        _ if at < characters.len() => {
            characters.remove(at);
        }
        _ => {}
    }
    characters.into_iter().collect()
}
