//! Rows of one series from several places, in the order of time, and of each time one.

use std::ops::Range;

/// Rows of one piece that come next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Take {
    /// The number of the piece.
    pub(super) piece: usize,
    /// Rows of the piece.
    pub(super) rows: Range<usize>,
}

/// Times of some rows of a series, which ascend.
#[derive(Clone, Copy, Debug)]
pub(super) struct PieceTimes<'t> {
    pub(super) times: &'t [i64],
    /// Whether two may be the same, or go back.
    pub(super) may_tie: bool,
}

/// All rows of the pieces, by time. Of those of one time the last of the last piece is taken: it came last.
pub(super) fn in_order(pieces: &[PieceTimes<'_>]) -> Vec<Take> {
    let mut whole: Vec<Take> = (0..).zip(pieces).map(|(piece, of)| Take { piece, rows: 0..of.times.len() }).collect();
    whole.retain(|take| !take.rows.is_empty());
    whole.sort_by_key(|take| pieces[take.piece].times[0]);
    let last_of = |take: &Take| pieces[take.piece].times.last();
    let are_apart = whole.windows(2).all(|pair| last_of(&pair[0]) < pieces[pair[1].piece].times.first());
    let ascend = |take: &Take| {
        let of = &pieces[take.piece];
        !of.may_tie || of.times.windows(2).all(|pair| pair[0] < pair[1])
    };
    if are_apart && whole.iter().all(ascend) {
        return whole;
    }
    row_by_row(pieces)
}

fn row_by_row(pieces: &[PieceTimes<'_>]) -> Vec<Take> {
    let rows_of = |(piece, of): (usize, &PieceTimes<'_>)| {
        of.times.iter().enumerate().map(|(row, time)| (*time, piece, row)).collect::<Vec<_>>()
    };
    let mut rows: Vec<(i64, usize, usize)> = pieces.iter().enumerate().flat_map(rows_of).collect();
    rows.sort_unstable();
    let mut takes: Vec<Take> = Vec::new();
    for (at, (time, piece, row)) in rows.iter().enumerate() {
        if rows.get(at + 1).is_some_and(|(next, ..)| next == time) {
            continue;
        }
        match takes.last_mut() {
            Some(take) if take.piece == *piece && take.rows.end == *row => take.rows.end += 1,
            _ => takes.push(Take { piece: *piece, rows: *row..row + 1 }),
        }
    }
    takes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn take(pieces: &[Vec<i64>]) -> Vec<Take> {
        let times = |times: &Vec<i64>| times.windows(2).any(|pair| pair[0] >= pair[1]);
        let pieces: Vec<_> = pieces.iter().map(|piece| PieceTimes { times: piece, may_tie: times(piece) }).collect();
        in_order(&pieces)
    }

    #[test]
    fn pieces_that_are_apart_are_taken_whole() {
        let check = |pieces: &[&[i64]], expected: &[(usize, Range<usize>)]| {
            let pieces: Vec<Vec<i64>> = pieces.iter().map(|piece| piece.to_vec()).collect();
            let expected: Vec<Take> =
                expected.iter().map(|(piece, rows)| Take { piece: *piece, rows: rows.clone() }).collect();
            assert_eq!(take(&pieces), expected, "{pieces:?}");
        };
        check(&[], &[]);
        check(&[&[], &[1]], &[(1, 0..1)]);
        check(&[&[5, 6], &[1, 2], &[9]], &[(1, 0..2), (0, 0..2), (2, 0..1)]);
        check(&[&[1, 2, 3], &[3, 4]], &[(0, 0..2), (1, 0..2)]);
        check(&[&[1, 5], &[3]], &[(0, 0..1), (1, 0..1), (0, 1..2)]);
        check(&[&[1, 1, 2]], &[(0, 1..3)]);
    }

    proptest! {
        #[test]
        fn each_time_is_taken_once_and_what_came_last_counts(
            mut pieces in prop::collection::vec(prop::collection::vec(0..20_i64, 0..8), 0..5),
        ) {
            pieces.iter_mut().for_each(|piece| piece.sort_unstable());
            let mut expected = std::collections::BTreeMap::new();
            for (number, piece) in pieces.iter().enumerate() {
                for (row, time) in piece.iter().enumerate() {
                    expected.insert(*time, (number, row));
                }
            }
            let taken: Vec<(usize, usize)> =
                take(&pieces).into_iter().flat_map(|take| take.rows.map(move |row| (take.piece, row))).collect();
            prop_assert_eq!(taken, expected.into_values().collect::<Vec<_>>());
        }
    }
}
