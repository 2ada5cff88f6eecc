//! Recorded outcomes of the conformance corpus.
