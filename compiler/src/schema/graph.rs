//! Hierarchies of a schema as graphs: cycles, order and transitive closure.
//!
//! Entity types, actions and common types form one hierarchy each. All walks keep their own stack, since a hierarchy
//! may be as deep as a schema is long.

use std::collections::BTreeMap;

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

    /// Every node with all nodes that are reached from it, itself only if it is on a cycle.
    pub(crate) fn closure(&self) -> impl Iterator<Item = (&'a K, Vec<&'a K>)> + '_ {
        // The number of the walk that saw the node last, so that the marks need not be cleared.
        let mut seen_in = vec![usize::MAX; self.nodes.len()];
        self.nodes.iter().enumerate().map(move |(start, node)| {
            let mut reached = Vec::new();
            let mut stack = vec![start];
            while let Some(at) = stack.pop() {
                for &target in self.edges_of(at) {
                    if let Some(mark) = seen_in.get_mut(target)
                        && *mark != start
                    {
                        *mark = start;
                        stack.push(target);
                        reached.extend(self.nodes.get(target).copied());
                    }
                }
            }
            (*node, reached)
        })
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

/// A depth-first walk under way.
struct Walker<'g, 'a, K> {
    graph: &'g Graph<'a, K>,
    visits: Vec<Visit>,
    on_cycle: Vec<bool>,
    /// The open nodes, with how many of their edges were followed.
    path: Vec<(usize, usize)>,
    order: Vec<usize>,
    cycles: Vec<Vec<usize>>,
}

impl<'g, 'a, K: Ord> Walker<'g, 'a, K> {
    fn new(graph: &'g Graph<'a, K>) -> Self {
        let n_nodes = graph.nodes.len();
        Self {
            graph,
            visits: vec![Visit::Unseen; n_nodes],
            on_cycle: vec![false; n_nodes],
            path: Vec::new(),
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
            self.path.push((node, 0));
        }
    }

    fn close(&mut self, node: usize) {
        self.path.pop();
        self.order.push(node);
        if let Some(visit) = self.visits.get_mut(node) {
            *visit = Visit::Done;
        }
    }

    /// Notes the part of the path from the target on, unless a node of it is on a cycle already.
    fn note_cycle(&mut self, target: usize) {
        let mut cycle = Vec::new();
        for &(node, _) in self.path.iter().rev() {
            if self.on_cycle.get(node).copied().unwrap_or(true) {
                return;
            }
            cycle.push(node);
            if node == target {
                break;
            }
        }
        for &node in &cycle {
            if let Some(mark) = self.on_cycle.get_mut(node) {
                *mark = true;
            }
        }
        cycle.reverse();
        self.cycles.push(cycle);
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
        let mut closure: Vec<(u32, Vec<u32>)> =
            graph.closure().map(|(node, reached)| (*node, reached.into_iter().copied().collect())).collect();
        for (_, reached) in &mut closure {
            reached.sort_unstable();
        }
        assert_eq!(closure, [(1, vec![2, 3]), (2, vec![2, 3]), (3, vec![2, 3]), (4, vec![4])]);
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let edges: BTreeMap<u32, Vec<u32>> = (0..100_000).map(|node| (node, vec![node + 1])).collect();
        assert_eq!(Graph::new(&edges).walk().order.len(), 100_000);
    }
}
