//! Values as bytes and back: numbers little-endian, everything else behind its length.
//!
//! How a type looks is said once, by [`wire_record`] or [`wire_enum`], and writer and reader derive from it. What can be
//! read can be written only as the same bytes: tags and orders that a writer does not use are refused.
//!
//! Invariant: reading reserves room for `n` elements only if the input has bytes for `n` of them left, so memory stays
//! within a constant factor of the input, whatever it states.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

/// A type with a form in bytes.
pub(crate) trait Wire: Sized {
    /// The fewest bytes that a value takes.
    const LEAST: usize;

    fn write(&self, out: &mut Vec<u8>);

    fn read(input: &mut Input<'_>) -> Result<Self, Malformed>;
}

/// What cannot be read, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) offset: usize,
    pub(crate) problem: &'static str,
}

/// Bytes that are left to be read.
#[derive(Debug, Clone)]
pub(crate) struct Input<'b> {
    rest: &'b [u8],
    /// Where the rest begins in the file.
    offset: usize,
}

impl<'b> Input<'b> {
    pub(crate) fn new(rest: &'b [u8], offset: usize) -> Self {
        Self { rest, offset }
    }

    #[cold]
    pub(crate) fn malformed(&self, problem: &'static str) -> Malformed {
        Malformed { offset: self.offset, problem }
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'b [u8], Malformed> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            return Err(self.malformed("it ends too early"));
        };
        self.rest = rest;
        self.offset = self.offset.saturating_add(count);
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let problem = self.malformed("it ends too early");
        self.take(N)?.try_into().map_err(|_| problem)
    }

    /// A number of things that take so many bytes at least.
    fn count(&mut self, least: usize) -> Result<usize, Malformed> {
        let at = self.malformed("it states more than it has");
        let count = u32::read(self)? as usize;
        if count.checked_mul(least).is_none_or(|bytes| bytes > self.rest.len()) { Err(at) } else { Ok(count) }
    }

    /// Nothing may be left.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.malformed("something is left behind its end")) }
    }
}

/// A length; one that is too large makes bytes that the reader refuses, and none is: programs have 32-bit positions.
pub(crate) fn write_length(length: usize, out: &mut Vec<u8>) {
    u32::try_from(length).unwrap_or(u32::MAX).write(out);
}

macro_rules! wire_numbers {
    ($($ty:ty),+) => {
        $(impl Wire for $ty {
            const LEAST: usize = size_of::<$ty>();

            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
                Ok(Self::from_le_bytes(input.array()?))
            }
        })+
    };
}

wire_numbers!(u8, u16, u32, u64, i64);

/// A struct with these fields, in this order.
macro_rules! wire_record {
    ($($ty:path { $($field:tt: $of:ty),+ })+) => {
        $(impl $crate::bundle::wire::Wire for $ty {
            const LEAST: usize = 0 $(+ <$of as $crate::bundle::wire::Wire>::LEAST)+;

            fn write(&self, out: &mut Vec<u8>) {
                $($crate::bundle::wire::Wire::write(&self.$field, out);)+
            }

            fn read(
                input: &mut $crate::bundle::wire::Input<'_>,
            ) -> Result<Self, $crate::bundle::wire::Malformed> {
                Ok(Self { $($field: <$of as $crate::bundle::wire::Wire>::read(input)?),+ })
            }
        })+
    };
}

/// An enum: each variant behind its number, which is never used for another one.
macro_rules! wire_enum {
    ($($ty:ident { $($tag:literal = $variant:ident $(($($value:ident: $of:ty),+))? $({$($field:ident: $ft:ty),+})?),+ })+) => {
        $(impl $crate::bundle::wire::Wire for $ty {
            const LEAST: usize = 1;

            fn write(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $(($($value),+))? $({$($field),+})? => {
                        out.push($tag);
                        $($($crate::bundle::wire::Wire::write($value, out);)+)?
                        $($($crate::bundle::wire::Wire::write($field, out);)+)?
                    })+
                }
            }

            fn read(
                input: &mut $crate::bundle::wire::Input<'_>,
            ) -> Result<Self, $crate::bundle::wire::Malformed> {
                let unknown = input.malformed(concat!("it has an unknown kind of `", stringify!($ty), "`"));
                Ok(match <u8 as $crate::bundle::wire::Wire>::read(input)? {
                    $($tag => Self::$variant
                        $(($(<$of as $crate::bundle::wire::Wire>::read(input)?),+))?
                        $({$($field: <$ft as $crate::bundle::wire::Wire>::read(input)?),+})?,)+
                    _ => return Err(unknown),
                })
            }
        })+
    };
}

pub(crate) use {wire_enum, wire_record};

impl Wire for bool {
    const LEAST: usize = 1;

    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
        let problem = input.malformed("a boolean is neither 0 nor 1");
        match u8::read(input)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(problem),
        }
    }
}

impl Wire for char {
    const LEAST: usize = 4;

    fn write(&self, out: &mut Vec<u8>) {
        u32::from(*self).write(out);
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
        let problem = input.malformed("it has a number that is no character");
        Self::from_u32(u32::read(input)?).ok_or(problem)
    }
}

impl<const N: usize> Wire for [u8; N] {
    const LEAST: usize = N;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
        input.array()
    }
}

/// A text, in place.
fn text<'b>(input: &mut Input<'b>) -> Result<&'b str, Malformed> {
    let length = input.count(1)?;
    let problem = input.malformed("a text is not UTF-8");
    core::str::from_utf8(input.take(length)?).map_err(|_| problem)
}

pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    write_length(text.len(), out);
    out.extend_from_slice(text.as_bytes());
}

impl Wire for SmolStr {
    const LEAST: usize = 4;

    fn write(&self, out: &mut Vec<u8>) {
        write_text(self, out);
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
        text(input).map(Self::new)
    }
}

impl Wire for String {
    const LEAST: usize = 4;

    fn write(&self, out: &mut Vec<u8>) {
        write_text(self, out);
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
        text(input).map(str::to_owned)
    }
}

impl<T: Wire> Wire for Option<T> {
    const LEAST: usize = 1;

    fn write(&self, out: &mut Vec<u8>) {
        self.is_some().write(out);
        if let Some(value) = self {
            value.write(out);
        }
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
        Ok(if bool::read(input)? { Some(T::read(input)?) } else { None })
    }
}

impl<T: Wire, U: Wire> Wire for (T, U) {
    const LEAST: usize = T::LEAST + U::LEAST;

    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
        Ok((T::read(input)?, U::read(input)?))
    }
}

fn write_all<'t, T: Wire + 't>(items: impl ExactSizeIterator<Item = &'t T>, out: &mut Vec<u8>) {
    write_length(items.len(), out);
    items.for_each(|item| item.write(out));
}

impl<T: Wire> Wire for Vec<T> {
    const LEAST: usize = 4;

    fn write(&self, out: &mut Vec<u8>) {
        write_all(self.iter(), out);
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
        let count = input.count(T::LEAST)?;
        let mut items = Self::with_capacity(count);
        for _ in 0..count {
            items.push(T::read(input)?);
        }
        Ok(items)
    }
}

impl<T: Wire> Wire for Box<[T]> {
    const LEAST: usize = 4;

    fn write(&self, out: &mut Vec<u8>) {
        write_all(self.iter(), out);
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
        Vec::read(input).map(Vec::into_boxed_slice)
    }
}

impl<T: Wire + Ord> Wire for BTreeSet<T> {
    const LEAST: usize = 4;

    fn write(&self, out: &mut Vec<u8>) {
        write_all(self.iter(), out);
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
        let mut set = Self::new();
        for _ in 0..input.count(T::LEAST)? {
            let problem = input.malformed("names are not in order");
            let item = T::read(input)?;
            if set.last().is_some_and(|last| *last >= item) {
                return Err(problem);
            }
            set.insert(item);
        }
        Ok(set)
    }
}

impl<K: Wire + Ord, V: Wire> Wire for BTreeMap<K, V> {
    const LEAST: usize = 4;

    fn write(&self, out: &mut Vec<u8>) {
        write_length(self.len(), out);
        for (key, value) in self {
            key.write(out);
            value.write(out);
        }
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Malformed> {
        let mut map = Self::new();
        for _ in 0..input.count(K::LEAST + V::LEAST)? {
            let problem = input.malformed("names are not in order");
            let (key, value) = <(K, V)>::read(input)?;
            if map.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return Err(problem);
            }
            map.insert(key, value);
        }
        Ok(map)
    }
}
