//! Owned slices that are stored in place if they are short.
//!
//! Most names and tuples of a file are short, and allocating each of them would take most of the time
//! of reading the file. Long strings of a file share one copy of its bytes.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// The number of bytes that are stored in place.
const SHORT_BYTES: usize = 22;

/// Bytes, of which up to 22 are stored in place. Long ones can be parts of a shared copy.
pub type Bytes = SmallSlice<u8, SHORT_BYTES>;

/// A slice that stores up to `N` items in place and more of them in a box. It dereferences to a
/// slice.
///
/// ```
/// use vm_py_data::Bytes;
/// let (short, long) = (Bytes::from(*b"ab"), Bytes::from(&[b'x'; 30][..]));
/// assert_eq!((&*short, long.len()), (&b"ab"[..], 30));
/// assert!(short < long);
/// ```
#[derive(Clone)]
pub struct SmallSlice<T, const N: usize>(Place<T, N>);

/// The place of the items, which is `Here` for all short slices.
#[derive(Clone)]
enum Place<T, const N: usize> {
    /// The number of items, and an array that begins with them.
    Here(u8, [T; N]),
    Boxed(Box<[T]>),
    /// A part of a shared vector: the index of its first item, and its length.
    Part(Arc<Vec<T>>, u32, u32),
}

impl Bytes {
    /// Returns the first `len` bytes if they are ASCII and can be stored in place, and if `bytes` is
    /// long enough to copy them without a loop of unknown length.
    #[inline]
    pub fn ascii(bytes: &[u8], len: u8) -> Option<Bytes> {
        let here = *bytes
            .first_chunk::<SHORT_BYTES>()
            .filter(|_| len as usize <= SHORT_BYTES)?;
        let within = |at: usize| if at < len.into() { 0x80 } else { 0 };
        let high = (0..SHORT_BYTES).fold(0, |high, at| high | here[at] & within(at));
        (high == 0).then_some(SmallSlice(Place::Here(len, here)))
    }

    /// Returns `len` bytes of `whole` from the offset `from` on.
    ///
    /// # Panics
    ///
    /// Panics if `whole` is shorter than that and `len` is small.
    #[inline]
    pub fn part(whole: &Arc<Vec<u8>>, from: usize, len: usize) -> Bytes {
        match (u32::try_from(from), u32::try_from(len)) {
            (Ok(from), Ok(count)) if len > SHORT_BYTES => {
                SmallSlice(Place::Part(whole.clone(), from, count))
            }
            _ => Bytes::from(&whole[from..from + len]),
        }
    }
}

impl<T, const N: usize> Deref for SmallSlice<T, N> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match &self.0 {
            Place::Here(len, items) => &items[..usize::from(*len)],
            Place::Boxed(items) => items,
            Place::Part(whole, from, len) => &whole[*from as usize..][..*len as usize],
        }
    }
}

impl<T: Copy, const N: usize> DerefMut for SmallSlice<T, N> {
    fn deref_mut(&mut self) -> &mut [T] {
        if let Place::Part(..) = self.0 {
            self.0 = Place::Boxed((**self).into());
        }
        match &mut self.0 {
            Place::Here(len, items) => &mut items[..usize::from(*len)],
            Place::Boxed(items) => items,
            Place::Part(..) => &mut [],
        }
    }
}

impl<T: Copy + Default, const N: usize> From<&[T]> for SmallSlice<T, N> {
    #[inline]
    fn from(items: &[T]) -> Self {
        if items.len() > N {
            return SmallSlice(Place::Boxed(items.into()));
        }
        let mut here = [T::default(); N];
        here[..items.len()].copy_from_slice(items);
        SmallSlice(Place::Here(items.len() as u8, here))
    }
}

impl<T: Copy + Default, const N: usize> From<Box<[T]>> for SmallSlice<T, N> {
    fn from(items: Box<[T]>) -> Self {
        match items.len() > N {
            true => SmallSlice(Place::Boxed(items)),
            false => SmallSlice::from(&*items),
        }
    }
}

impl<T: Copy + Default, const N: usize> From<Vec<T>> for SmallSlice<T, N> {
    fn from(items: Vec<T>) -> Self {
        match items.len() > N {
            true => SmallSlice(Place::Boxed(items.into())),
            false => SmallSlice::from(&*items),
        }
    }
}

impl<T: Copy + Default, const N: usize, const M: usize> From<[T; M]> for SmallSlice<T, N> {
    fn from(items: [T; M]) -> Self {
        SmallSlice::from(&items[..])
    }
}

impl<T: Copy + Default, const N: usize> FromIterator<T> for SmallSlice<T, N> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        SmallSlice::from(Vec::from_iter(items))
    }
}

impl<T: Copy + Default, const N: usize> Default for SmallSlice<T, N> {
    #[inline]
    fn default() -> Self {
        SmallSlice(Place::Here(0, [T::default(); N]))
    }
}

impl<'a, T, const N: usize> IntoIterator for &'a SmallSlice<T, N> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T, const N: usize> Borrow<[T]> for SmallSlice<T, N> {
    fn borrow(&self) -> &[T] {
        self
    }
}

impl<T: PartialEq, const N: usize> PartialEq for SmallSlice<T, N> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq, const N: usize> Eq for SmallSlice<T, N> {}

impl<T: PartialOrd, const N: usize> PartialOrd for SmallSlice<T, N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: Ord, const N: usize> Ord for SmallSlice<T, N> {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: Hash, const N: usize> Hash for SmallSlice<T, N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<T: fmt::Debug, const N: usize> fmt::Debug for SmallSlice<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
