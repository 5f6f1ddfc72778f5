//! Documents that were read a moment ago.
//!
//! One case asks the reference about the same few documents many times, and reading them is most of what it costs: its
//! lexer builds an automaton for each text, names in JSON included.

use std::{cell::RefCell, collections::VecDeque, thread::LocalKey};

/// How many documents are kept; one case has fewer.
const KEPT: usize = 16;

/// The last documents of a thread, with what reading them gave.
pub(super) type Memo<K, V> = RefCell<VecDeque<(K, V)>>;

/// What reading the document gives, read only if it is none of the last.
pub(super) fn recall<K: PartialEq + 'static, V: Clone + 'static>(
    memo: &'static LocalKey<Memo<K, V>>,
    key: K,
    read: impl FnOnce(&K) -> V,
) -> V {
    let known = memo.with_borrow(|memo| memo.iter().find(|(known, _)| *known == key).map(|(_, value)| value.clone()));
    known.unwrap_or_else(|| {
        let value = read(&key);
        memo.with_borrow_mut(|memo| {
            memo.truncate(KEPT - 1);
            memo.push_front((key, value.clone()));
        });
        value
    })
}
