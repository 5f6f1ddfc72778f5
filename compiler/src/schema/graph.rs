//! Hierarchies of a schema as graphs: cycles, order and transitive closure.
//!
//! Entity types, actions and common types form one hierarchy each. All walks keep their own stack, since a hierarchy
//! may be as deep as a schema is long.

use std::collections::{BTreeMap, BTreeSet};

use super::size::{Size, TooLarge};

/// The parents of each entity type or action.
pub(crate) type Hierarchy<K> = BTreeMap<K, BTreeSet<K>>;

/// A directed graph over the keys of a map; edges to what is no key are ignored.
#[derive(Debug)]
pub(crate) struct Graph<'a, K> {
    nodes: Vec<&'a K>,
    edges: Vec<Vec<usize>>,
}

/// Where a walk stands at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visit {
    Unseen,
    /// On the path from the start of the walk.
    Open,
    Done,
}

/// What a walk over a whole graph finds.
#[derive(Debug)]
pub(crate) struct Walk<'a, K> {
    /// All nodes; each stands behind the targets of its edges, except those on cycles.
    pub(crate) order: Vec<&'a K>,
    /// At least one cycle of every strongly connected component that has one; no node is on two of them.
    pub(crate) cycles: Vec<Vec<&'a K>>,
}

impl<'a, K: Ord> Graph<'a, K> {
    /// The graph with an edge from each key to each of its targets.
    pub(crate) fn new<'t, T>(map: &'a BTreeMap<K, T>) -> Self
    where
        K: 't,
        T: 't,
        &'a T: IntoIterator<Item = &'a K>,
    {
        let nodes: Vec<&K> = map.keys().collect();
        let edges =
            map.values().map(|targets| targets.into_iter().filter_map(|t| nodes.binary_search(&t).ok()).collect());
        let edges = edges.collect();
        Self { nodes, edges }
    }

    /// The same nodes, none of which reaches another.
    pub(crate) fn without_edges(self) -> Self {
        Self { edges: Vec::new(), ..self }
    }

    /// Every node with all nodes that are reached from it, itself only if it is on a cycle.
    ///
    /// Each edge that is followed counts, once for each node that it is followed from: for a hierarchy without
    /// shortcuts that is the number of ancestors.
    ///
    /// # Errors
    /// The node at which the limit is exceeded.
    pub(crate) fn closure(&self, size: &mut Size) -> Result<Closure<'a, K>, TooLarge<&'a K>> {
        // The number of the walk that saw the node last, so that the marks need not be cleared.
        let mut seen_in = vec![usize::MAX; self.nodes.len()];
        let mut reached = Vec::with_capacity(self.nodes.len());
        for (start, node) in self.nodes.iter().enumerate() {
            let found = self.reach(start, &mut seen_in, size);
            reached.push(found.ok_or(TooLarge(*node))?);
        }
        Ok(Closure { nodes: self.nodes.clone(), reached })
    }

    /// The nodes that are reached from the start, in order; nothing if the limit is exceeded.
    fn reach(&self, start: usize, seen_in: &mut [usize], size: &mut Size) -> Option<Vec<usize>> {
        let mut reached = Vec::new();
        let mut stack = vec![start];
        while let Some(at) = stack.pop() {
            let targets = self.edges_of(at);
            if !size.add(targets.len()) {
                return None;
            }
            for &target in targets {
                if let Some(mark) = seen_in.get_mut(target)
                    && *mark != start
                {
                    *mark = start;
                    stack.push(target);
                    reached.push(target);
                }
            }
        }
        reached.sort_unstable();
        Some(reached)
    }

    /// Visits every node, depth first.
    pub(crate) fn walk(&self) -> Walk<'a, K> {
        let mut walk = Walker { graph: self, visits: vec![Visit::Unseen; self.nodes.len()], ..Walker::new(self) };
        for start in 0..self.nodes.len() {
            walk.visit_from(start);
        }
        walk.finish()
    }

    fn edges_of(&self, node: usize) -> &[usize] {
        self.edges.get(node).map_or(&[], Vec::as_slice)
    }
}

/// What is reached from each node of a graph.
#[derive(Debug)]
pub(crate) struct Closure<'a, K> {
    nodes: Vec<&'a K>,
    /// In ascending order, for each node.
    reached: Vec<Vec<usize>>,
}

impl<'a, K: Ord + Clone> Closure<'a, K> {
    /// Every node with all that it reaches, in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a K, impl Iterator<Item = &'a K>)> {
        self.nodes.iter().copied().zip(self.reached.iter().map(|reached| self.names(reached)))
    }

    /// Every node that is reached, with all that reach it, in ascending order.
    pub(crate) fn inverted(&self) -> BTreeMap<K, Vec<K>> {
        let mut reached_from = vec![Vec::new(); self.nodes.len()];
        for (node, reached) in self.reached.iter().enumerate() {
            for &target in reached {
                if let Some(from) = reached_from.get_mut(target) {
                    from.push(node);
                }
            }
        }
        let with_any = self.nodes.iter().zip(&reached_from).filter(|(_, from)| !from.is_empty());
        with_any.map(|(&node, from)| (node.clone(), self.names(from).cloned().collect())).collect()
    }

    fn names(&self, indices: &[usize]) -> impl Iterator<Item = &'a K> {
        indices.iter().filter_map(|&index| self.nodes.get(index).copied())
    }
}

/// A depth-first walk under way.
struct Walker<'g, 'a, K> {
    graph: &'g Graph<'a, K>,
    visits: Vec<Visit>,
    /// The open nodes, with how many of their edges were followed.
    path: Vec<(usize, usize)>,
    /// Where on the path each open node stands.
    depths: Vec<usize>,
    /// Which places of the path are on a cycle that is noted, in ascending order.
    on_cycle: Vec<usize>,
    order: Vec<usize>,
    cycles: Vec<Vec<usize>>,
}

impl<'g, 'a, K: Ord> Walker<'g, 'a, K> {
    fn new(graph: &'g Graph<'a, K>) -> Self {
        let n_nodes = graph.nodes.len();
        Self {
            graph,
            visits: vec![Visit::Unseen; n_nodes],
            path: Vec::new(),
            depths: vec![0; n_nodes],
            on_cycle: Vec::new(),
            order: Vec::new(),
            cycles: Vec::new(),
        }
    }

    fn visit_from(&mut self, start: usize) {
        self.open(start);
        while let Some((node, followed)) = self.path.last_mut() {
            let node = *node;
            let target = self.graph.edges_of(node).get(*followed).copied();
            *followed += 1;
            match target {
                Some(target) => self.follow(target),
                None => self.close(node),
            }
        }
    }

    fn follow(&mut self, target: usize) {
        match self.visits.get(target) {
            Some(Visit::Open) => self.note_cycle(target),
            Some(Visit::Unseen) => self.open(target),
            Some(Visit::Done) | None => {}
        }
    }

    fn open(&mut self, node: usize) {
        if let Some(visit) = self.visits.get_mut(node)
            && *visit == Visit::Unseen
        {
            *visit = Visit::Open;
            if let Some(depth) = self.depths.get_mut(node) {
                *depth = self.path.len();
            }
            self.path.push((node, 0));
        }
    }

    fn close(&mut self, node: usize) {
        self.path.pop();
        if self.on_cycle.last() == Some(&self.path.len()) {
            self.on_cycle.pop();
        }
        self.order.push(node);
        if let Some(visit) = self.visits.get_mut(node) {
            *visit = Visit::Done;
        }
    }

    /// Notes the part of the path from the target on, unless a node of it is on a cycle already.
    fn note_cycle(&mut self, target: usize) {
        let Some(&start) = self.depths.get(target) else { return };
        if self.on_cycle.last().is_some_and(|&last| last >= start) {
            return;
        }
        self.on_cycle.extend(start..self.path.len());
        let cycle = self.path.get(start..).unwrap_or_default();
        self.cycles.push(cycle.iter().map(|(node, _)| *node).collect());
    }

    fn finish(self) -> Walk<'a, K> {
        let graph = self.graph;
        let names = |indices: Vec<usize>| indices.into_iter().filter_map(|i| graph.nodes.get(i).copied()).collect();
        Walk { order: names(self.order), cycles: self.cycles.into_iter().map(names).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(u32, &[u32])]) -> BTreeMap<u32, Vec<u32>> {
        edges.iter().map(|(node, targets)| (*node, targets.to_vec())).collect()
    }

    #[test]
    fn targets_precede_nodes_in_the_order_of_an_acyclic_graph() {
        let edges = graph(&[(1, &[2, 3]), (2, &[3]), (3, &[]), (4, &[1, 9])]);
        let walk = Graph::new(&edges).walk();
        assert_eq!(walk.order, [&3, &2, &1, &4]);
        assert!(walk.cycles.is_empty());
    }

    #[test]
    fn cycles_are_found_from_their_first_node() {
        let edges = graph(&[(1, &[2]), (2, &[3]), (3, &[2, 3]), (4, &[5]), (5, &[4])]);
        assert_eq!(Graph::new(&edges).walk().cycles, [vec![&2, &3], vec![&4, &5]]);
    }

    #[test]
    fn a_node_reaches_itself_only_on_a_cycle() {
        let edges = graph(&[(1, &[2]), (2, &[3]), (3, &[2]), (4, &[4])]);
        let graph = Graph::new(&edges);
        let closure = graph.closure(&mut Size::new()).expect("a small graph");
        let reached: Vec<(u32, Vec<u32>)> =
            closure.iter().map(|(node, reached)| (*node, reached.copied().collect())).collect();
        assert_eq!(reached, [(1, vec![2, 3]), (2, vec![2, 3]), (3, vec![2, 3]), (4, vec![4])]);
        let inverted: Vec<(u32, Vec<u32>)> = closure.inverted().into_iter().collect();
        assert_eq!(inverted, [(2, vec![1, 2, 3]), (3, vec![1, 2, 3]), (4, vec![4])]);
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let edges: BTreeMap<u32, Vec<u32>> = (0..100_000).map(|node| (node, vec![node + 1])).collect();
        assert_eq!(Graph::new(&edges).walk().order.len(), 100_000);
    }
}
