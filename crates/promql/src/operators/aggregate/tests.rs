//! Aggregates over columns.
