//! Every extension function and method, in one table.
//!
//! The parser takes names and call styles from here, the type checker signatures, the run time binds each row to its
//! Rust function with an exhaustive match, and the documentation and the test generators iterate [`Builtin::ALL`].
//! Adding a function is one row here and its implementation in `deodar-runtime`, which does not compile without it.
//!
//! The methods of sets and tags (`contains`, `getTag`, …) are operators of the language, not builtins.

/// How a builtin is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallStyle {
    /// `name(argument, …)`; builds a value of an extension type from text.
    Function,
    /// `receiver.name(argument, …)`; the receiver is the first parameter.
    Method,
}

/// The extension types of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExtensionType {
    /// A number with four decimal places (`decimal`).
    Decimal,
    /// An IPv4 or IPv6 address or range (`ipaddr`).
    IpAddr,
    /// A point in time in milliseconds (`datetime`, Cedar RFC 80).
    Datetime,
    /// A span of time in milliseconds (`duration`, Cedar RFC 80).
    Duration,
}

impl ExtensionType {
    /// All extension types.
    pub const ALL: [Self; 4] = [Self::Decimal, Self::IpAddr, Self::Datetime, Self::Duration];

    /// The name of the type in schemas and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decimal => "decimal",
            Self::IpAddr => "ipaddr",
            Self::Datetime => "datetime",
            Self::Duration => "duration",
        }
    }

    /// The function that builds a value of the type from text.
    pub const fn constructor(self) -> Builtin {
        match self {
            Self::Decimal => Builtin::Decimal,
            Self::IpAddr => Builtin::Ip,
            Self::Datetime => Builtin::Datetime,
            Self::Duration => Builtin::Duration,
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ty| ty.name() == name)
    }
}

/// The type of a parameter or result of a builtin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterType {
    /// `Bool`
    Bool,
    /// `Long`
    Long,
    /// `String`
    String,
    /// An extension type.
    Extension(ExtensionType),
}

/// What is known of a builtin.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// The name in text and JSON.
    pub name: &'static str,
    /// How it is called.
    pub style: CallStyle,
    /// The parameters, the receiver of a method first.
    pub parameters: &'static [ParameterType],
    /// The result.
    pub result: ParameterType,
    /// What it does, in a sentence.
    pub doc: &'static str,
}

macro_rules! ty {
    (Bool) => {
        ParameterType::Bool
    };
    (Long) => {
        ParameterType::Long
    };
    (String) => {
        ParameterType::String
    };
    ($extension:ident) => {
        ParameterType::Extension(ExtensionType::$extension)
    };
}

macro_rules! builtins {
    ($(#[doc = $doc:literal] $style:ident $variant:ident $name:literal ($($parameter:ident),*) -> $result:ident;)+) => {
        /// An extension function or method.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Builtin {
            $(#[doc = $doc] $variant,)+
        }

        impl Builtin {
            /// Every builtin, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Name, call style, parameters, result and documentation.
            pub const fn signature(self) -> &'static Signature {
                match self {
                    $(Self::$variant => &Signature {
                        name: $name,
                        style: CallStyle::$style,
                        parameters: &[$(ty!($parameter)),*],
                        result: ty!($result),
                        doc: $doc,
                    },)+
                }
            }

            /// The builtin of that name, whatever its call style.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

builtins! {
    /// A decimal number of up to four fractional digits, from text.
    Function Decimal "decimal" (String) -> Decimal;
    /// Whether the receiver is less than the argument.
    Method LessThan "lessThan" (Decimal, Decimal) -> Bool;
    /// Whether the receiver is at most the argument.
    Method LessThanOrEqual "lessThanOrEqual" (Decimal, Decimal) -> Bool;
    /// Whether the receiver is greater than the argument.
    Method GreaterThan "greaterThan" (Decimal, Decimal) -> Bool;
    /// Whether the receiver is at least the argument.
    Method GreaterThanOrEqual "greaterThanOrEqual" (Decimal, Decimal) -> Bool;
    /// An IPv4 or IPv6 address or range in CIDR notation, from text.
    Function Ip "ip" (String) -> IpAddr;
    /// Whether it is an IPv4 address or range.
    Method IsIpv4 "isIpv4" (IpAddr) -> Bool;
    /// Whether it is an IPv6 address or range.
    Method IsIpv6 "isIpv6" (IpAddr) -> Bool;
    /// Whether all of the range is loopback.
    Method IsLoopback "isLoopback" (IpAddr) -> Bool;
    /// Whether all of the range is multicast.
    Method IsMulticast "isMulticast" (IpAddr) -> Bool;
    /// Whether all of the receiver's range lies in the argument's range.
    Method IsInRange "isInRange" (IpAddr, IpAddr) -> Bool;
    /// A point in time, from text (Cedar RFC 80).
    Function Datetime "datetime" (String) -> Datetime;
    /// The receiver shifted by the duration.
    Method Offset "offset" (Datetime, Duration) -> Datetime;
    /// The time from the argument to the receiver.
    Method DurationSince "durationSince" (Datetime, Datetime) -> Duration;
    /// The start of the UTC day.
    Method ToDate "toDate" (Datetime) -> Datetime;
    /// The time since the start of the UTC day.
    Method ToTime "toTime" (Datetime) -> Duration;
    /// A span of time in days, hours, minutes, seconds and milliseconds, from text (Cedar RFC 80).
    Function Duration "duration" (String) -> Duration;
    /// The whole milliseconds of the span.
    Method ToMilliseconds "toMilliseconds" (Duration) -> Long;
    /// The whole seconds of the span, truncated toward zero.
    Method ToSeconds "toSeconds" (Duration) -> Long;
    /// The whole minutes of the span, truncated toward zero.
    Method ToMinutes "toMinutes" (Duration) -> Long;
    /// The whole hours of the span, truncated toward zero.
    Method ToHours "toHours" (Duration) -> Long;
    /// The whole days of the span, truncated toward zero.
    Method ToDays "toDays" (Duration) -> Long;
}

impl Builtin {
    /// The name in text and JSON.
    pub const fn name(self) -> &'static str {
        self.signature().name
    }

    /// Whether a call with arguments of the right types may have no result: a point in time out of range.
    pub const fn may_overflow(self) -> bool {
        matches!(self, Self::Offset | Self::DurationSince | Self::ToDate)
    }

    /// The extension type that this function constructs, if it is a constructor.
    pub fn constructs(self) -> Option<ExtensionType> {
        ExtensionType::ALL.into_iter().find(|ty| ty.constructor() == self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_rows() {
        for builtin in Builtin::ALL {
            assert_eq!(Builtin::from_name(builtin.name()), Some(*builtin));
        }
        for ty in ExtensionType::ALL {
            assert_eq!(ExtensionType::from_name(ty.name()), Some(ty));
            assert_eq!(ty.constructor().constructs(), Some(ty));
        }
    }

    #[test]
    fn methods_have_a_receiver() {
        for builtin in Builtin::ALL {
            let signature = builtin.signature();
            assert!(signature.style == CallStyle::Function || !signature.parameters.is_empty(), "{}", signature.name);
        }
    }
}
