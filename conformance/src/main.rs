//! `mmm`: flags, files, exit status.

fn main() {}
