//! Operators: what is done with columns once they are there.
