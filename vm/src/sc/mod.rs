//! The `.Sc.` machine.
