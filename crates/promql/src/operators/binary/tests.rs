//! Binary operators over columns.
