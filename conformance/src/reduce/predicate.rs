//! What is interesting about a program.
