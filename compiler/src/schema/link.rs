//! External declarations that meet what another fragment says of the same name (Cedar RFC 116).
//!
//! A definition stands for all external declarations of its name; without one, they are one external declaration. What
//! a fragment was written against must stay true: seen from a fragment, a name has the ancestors that the fragment
//! declares, and what other fragments say may fill in what it leaves open but not change it. So each fragment that takes
//! part is looked at by itself, with the declarations of other fragments only for names that it does not declare, and
//! what is above its names there is compared with what is above them in the whole.
//!
//! The rules are those of linking in the reference implementation. It links schemas that are each complete in
//! themselves; fragments may also refer to each other without a declaration, which changes nothing for those that
//! are complete.

use std::collections::{BTreeMap, BTreeSet};

use deodar_grammar::Span;

use super::{
    graph::{Closure, Graph, Hierarchy},
    size::{Size, TooLarge},
};

/// What one fragment says of the members of a hierarchy.
#[derive(Debug)]
pub(crate) struct Statement<K> {
    pub(crate) name: K,
    pub(crate) fragment: usize,
    pub(crate) span: Span,
    pub(crate) parents: BTreeSet<K>,
}

/// A name of a fragment whose ancestors are others in the whole than in the fragment.
#[derive(Debug)]
pub(crate) struct Difference<K> {
    pub(crate) name: K,
    pub(crate) fragment: usize,
    /// An ancestor only in the fragment.
    pub(crate) lost: Option<K>,
    /// An ancestor only in the whole.
    pub(crate) gained: Option<K>,
}

/// All that is said about a hierarchy, with names that several fragments declare.
#[derive(Debug)]
pub(crate) struct Statements<K> {
    /// The declaration that counts for each name.
    pub(crate) first: BTreeMap<K, Statement<K>>,
    /// Other declarations, all external, of names that have a first one.
    pub(crate) others: Vec<Statement<K>>,
}

impl<K: Ord + Clone> Statements<K> {
    /// The parents of all names. Those that are external everywhere have the parents that any fragment says.
    pub(crate) fn hierarchy(&self, is_external: impl Fn(&K) -> bool) -> Hierarchy<K> {
        let first = self.first.iter().map(|(name, statement)| (name.clone(), statement.parents.clone()));
        let mut hierarchy: Hierarchy<K> = first.collect();
        for other in self.others.iter().filter(|other| is_external(&other.name)) {
            hierarchy.entry(other.name.clone()).or_default().extend(other.parents.iter().cloned());
        }
        hierarchy
    }

    /// Which names of which fragments have other ancestors in the whole, in the order of fragments and names.
    ///
    /// # Errors
    /// A name at which a fragment exceeds the limit.
    pub(crate) fn differences(
        &self,
        hierarchy: &Hierarchy<K>,
        whole: &Closure<'_, K>,
    ) -> Result<Vec<Difference<K>>, TooLarge<K>> {
        let mut differences = Vec::new();
        for fragment in self.fragments() {
            let view = self.view(fragment, hierarchy);
            let closure =
                Graph::new(&view).closure(&mut Size::new()).map_err(|TooLarge(name)| TooLarge(name.clone()))?;
            let declared: BTreeSet<&K> = self.of_fragment(fragment).map(|statement| &statement.name).collect();
            // Both have the same names in the same order.
            for ((name, seen), (_, all)) in closure.iter().zip(whole.iter()) {
                if declared.contains(name) {
                    let (seen, all): (BTreeSet<&K>, BTreeSet<&K>) = (seen.collect(), all.collect());
                    let lost = seen.difference(&all).next().copied().cloned();
                    let gained = all.difference(&seen).next().copied().cloned();
                    if lost.is_some() || gained.is_some() {
                        differences.push(Difference { name: name.clone(), fragment, lost, gained });
                    }
                }
            }
        }
        Ok(differences)
    }

    /// The fragments that declare a name which another one declares too.
    fn fragments(&self) -> BTreeSet<usize> {
        let first = self.others.iter().filter_map(|other| Some(self.first.get(&other.name)?.fragment));
        first.chain(self.others.iter().map(|other| other.fragment)).collect()
    }

    fn of_fragment(&self, fragment: usize) -> impl Iterator<Item = &Statement<K>> {
        self.first.values().chain(&self.others).filter(move |statement| statement.fragment == fragment)
    }

    /// The hierarchy as a fragment sees it.
    fn view(&self, fragment: usize, hierarchy: &Hierarchy<K>) -> Hierarchy<K> {
        let mut view = hierarchy.clone();
        view.extend(self.of_fragment(fragment).map(|statement| (statement.name.clone(), statement.parents.clone())));
        view
    }
}
