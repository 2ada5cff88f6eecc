//! Shapes: which attributes an object has, in which order it got them.

use crate::value::Ref;
use std::collections::HashMap;

/// Objects with more attributes than this have a dict at once.
const MOST: usize = 48;

/// Shapes beyond this number are not made.
const MOST_SHAPES: usize = 50_000;

#[derive(Debug, Default)]
struct Shape {
    names: Vec<Ref>,
    next: HashMap<u32, u32>,
}

/// All shapes; the first has no attributes.
#[derive(Debug)]
pub(crate) struct Shapes {
    shapes: Vec<Shape>,
}

impl Shapes {
    pub(crate) fn new() -> Shapes {
        Shapes {
            shapes: vec![Shape::default()],
        }
    }

    pub(crate) fn names(&self, shape: u32) -> &[Ref] {
        &self.shapes[shape as usize].names
    }

    /// Returns where a shape has an attribute.
    #[inline]
    pub(crate) fn find(&self, shape: u32, name: Ref) -> Option<usize> {
        self.shapes[shape as usize]
            .names
            .iter()
            .position(|&known| known.at == name.at)
    }

    /// Returns the shape with one attribute more, unless there would be too many.
    pub(crate) fn add(&mut self, shape: u32, name: Ref) -> Option<u32> {
        if let Some(&next) = self.shapes[shape as usize].next.get(&name.at) {
            return Some(next);
        }
        let mut names = self.shapes[shape as usize].names.clone();
        if names.len() >= MOST || self.shapes.len() >= MOST_SHAPES {
            return None;
        }
        names.push(name);
        let next = self.shapes.len() as u32;
        self.shapes.push(Shape {
            names,
            next: HashMap::new(),
        });
        self.shapes[shape as usize].next.insert(name.at, next);
        Some(next)
    }
}
