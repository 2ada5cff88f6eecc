//! Persistent lists, which share their tails.
//!
//! Equal lists have the same number, so a state can be kept and compared at the cost of a number,
//! however deep the stack is.

use std::collections::HashMap;
use std::hash::Hash;

/// The number of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct List(u32);

impl List {
    pub(super) const EMPTY: List = List(0);
}

/// All lists of items of one type.
pub(super) struct Lists<T> {
    nodes: Vec<Node<T>>,
    known: HashMap<(List, T), List>,
}

struct Node<T> {
    item: T,
    below: List,
    /// A list further down, chosen so that any item is found in logarithmic time.
    jump: List,
    len: u32,
    /// The first of the lists that have this one as their rest.
    above: List,
    /// The next of the lists that have the same rest as this one.
    beside: List,
}

/// The number of lists with the same rest that are searched; beyond it they are hashed.
const MAX_SEARCHED: usize = 8;

impl<T: Copy + Eq + Hash> Lists<T> {
    /// Returns lists of which only the empty one exists; `none` is a placeholder for its item.
    pub(super) fn new(none: T) -> Lists<T> {
        let mut lists = Lists {
            nodes: Vec::new(),
            known: HashMap::new(),
        };
        lists.clear(none);
        lists
    }

    /// Forgets all lists but the empty one.
    pub(super) fn clear(&mut self, none: T) {
        self.nodes.clear();
        self.known.clear();
        self.nodes.push(Node {
            item: none,
            below: List::EMPTY,
            jump: List::EMPTY,
            len: 0,
            above: List::EMPTY,
            beside: List::EMPTY,
        });
    }

    fn node(&self, list: List) -> &Node<T> {
        &self.nodes[list.0 as usize]
    }

    /// Returns the number of items.
    pub(super) fn len(&self, list: List) -> u32 {
        self.node(list).len
    }

    /// Returns the innermost item and the rest of a list.
    #[inline]
    pub(super) fn pop(&self, list: List) -> Option<(T, List)> {
        let node = self.node(list);
        (list != List::EMPTY).then_some((node.item, node.below))
    }

    /// Returns the list with `item` added.
    pub(super) fn push(&mut self, list: List, item: T) -> List {
        let (mut above, mut last, mut seen) = (self.node(list).above, List::EMPTY, 0);
        while above != List::EMPTY && seen < MAX_SEARCHED {
            let node = self.node(above);
            if node.item == item {
                return above;
            }
            (last, above) = (above, node.beside);
            seen += 1;
        }
        if seen == MAX_SEARCHED
            && let Some(&known) = self.known.get(&(list, item))
        {
            return known;
        }
        let new = List(self.nodes.len() as u32);
        let near = self.node(list);
        let (len, far) = (near.len + 1, near.jump);
        let jump = match near.len - self.len(far) == self.len(far) - self.len(self.node(far).jump) {
            true => self.node(far).jump,
            false => list,
        };
        self.nodes.push(Node {
            item,
            below: list,
            jump,
            len,
            above: List::EMPTY,
            beside: List::EMPTY,
        });
        match (seen, last) {
            (MAX_SEARCHED, _) => drop(self.known.insert((list, item), new)),
            (_, List::EMPTY) => self.nodes[list.0 as usize].above = new,
            _ => self.nodes[last.0 as usize].beside = new,
        }
        new
    }

    /// Returns the innermost item for which `above` is false. `above` must be true for all items
    /// above that item and false for all items below it.
    pub(super) fn find(&self, mut list: List, above: impl Fn(T) -> bool) -> Option<T> {
        while list != List::EMPTY {
            let node = self.node(list);
            if !above(node.item) {
                return Some(node.item);
            }
            let far = node.jump;
            list = match far != List::EMPTY && above(self.node(far).item) {
                true => far,
                false => node.below,
            };
        }
        None
    }
}
