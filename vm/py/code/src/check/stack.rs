//! Lists that share their tails: what is special on the data stack, and the block stack.
//!
//! Two lists are equal if their numbers are, so that states are kept and compared at the cost of
//! a number each, however deep the stack is.

use std::collections::HashMap;
use std::hash::Hash;

/// A list; the number of its innermost node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct List(u32);

impl List {
    pub(super) const EMPTY: List = List(0);
}

/// All lists of items of one kind.
pub(super) struct Lists<T> {
    nodes: Vec<Node<T>>,
    known: HashMap<(List, T), List>,
}

struct Node<T> {
    item: T,
    below: List,
    /// A node further down, chosen so that any is found in logarithmic time.
    jump: List,
    len: u32,
    /// The first of the lists that were made of this one by one item more, and the next list
    /// that was made of the same one.
    above: List,
    beside: List,
}

/// How many lists are looked through that were made of the same one; more are hashed.
const FEW: usize = 8;

impl<T: Copy + Eq + Hash> Lists<T> {
    /// Only the empty list, whose item is never looked at.
    pub(super) fn new(none: T) -> Lists<T> {
        let mut lists = Lists {
            nodes: Vec::new(),
            known: HashMap::new(),
        };
        lists.clear(none);
        lists
    }

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

    pub(super) fn len(&self, list: List) -> u32 {
        self.node(list).len
    }

    /// The innermost item and the rest.
    #[inline]
    pub(super) fn pop(&self, list: List) -> Option<(T, List)> {
        let node = self.node(list);
        (list != List::EMPTY).then_some((node.item, node.below))
    }

    /// The list with one item more.
    pub(super) fn push(&mut self, list: List, item: T) -> List {
        let (mut above, mut last, mut seen) = (self.node(list).above, List::EMPTY, 0);
        while above != List::EMPTY && seen < FEW {
            let node = self.node(above);
            if node.item == item {
                return above;
            }
            (last, above) = (above, node.beside);
            seen += 1;
        }
        if seen == FEW
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
            (FEW, _) => drop(self.known.insert((list, item), new)),
            (_, List::EMPTY) => self.nodes[list.0 as usize].above = new,
            _ => self.nodes[last.0 as usize].beside = new,
        }
        new
    }

    /// The innermost item of which `below` is not true; it must be true of what lies above that
    /// one, and false of what lies beneath.
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
