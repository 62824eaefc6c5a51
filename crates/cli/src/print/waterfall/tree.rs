//! Which guides (`├╴`, `└╴`, `│`) stand before each row, from nothing but the rows' depths.

/// Cells one level takes.
pub(crate) const LEVEL_CELLS: usize = 2;

/// Depths of rows in depth-first order, and which rows have a sibling below.
pub(crate) struct Tree {
    depths: Vec<usize>,
    has_next_sibling: Vec<bool>,
}

/// What stands before a row and before the lines that belong below it.
pub(crate) struct Prefixes {
    pub(crate) row: String,
    pub(crate) below: String,
}

impl Tree {
    /// From each row's depth, top to bottom. A depth that jumps by more than one level is taken as one level.
    pub(crate) fn of(depths: impl Iterator<Item = u32>) -> Self {
        // A row cannot be deeper than one below the row before it; this also bounds memory by the rows.
        let mut deepest = 0;
        let depths: Vec<usize> = depths
            .map(|depth| {
                let depth = usize::try_from(depth).unwrap_or(usize::MAX).min(deepest);
                deepest = depth + 1;
                depth
            })
            .collect();

        let mut has_next_sibling = vec![false; depths.len()];
        // Per level: whether a row of that level was seen further down under the same parent.
        let mut seen: Vec<bool> = Vec::new();
        for (at, &depth) in depths.iter().enumerate().rev() {
            seen.resize(depth + 1, false);
            has_next_sibling[at] = std::mem::replace(&mut seen[depth], true);
        }
        Self { depths, has_next_sibling }
    }

    /// Depth of a row, 0 at the top.
    pub(crate) fn depth(&self, row: usize) -> usize {
        self.depths[row]
    }

    /// Makes the prefixes of each row in turn; levels beyond `depth_max` are counted instead of drawn.
    pub(crate) fn guides(&self, depth_max: usize) -> Guides<'_> {
        Guides { tree: self, depth_max, continues: Vec::new() }
    }

    /// Cells the prefix of a row takes.
    pub(crate) fn prefix_width(&self, row: usize, depth_max: usize) -> usize {
        let depth = self.depths[row];
        if depth <= depth_max {
            depth * LEVEL_CELLS
        } else {
            depth_max * LEVEL_CELLS + collapsed(depth - depth_max).chars().count()
        }
    }
}

/// Walks the rows from top to bottom.
pub(crate) struct Guides<'a> {
    tree: &'a Tree,
    depth_max: usize,
    /// For each drawn level of the current row's ancestors: whether its line goes on below.
    continues: Vec<bool>,
}

impl Guides<'_> {
    /// The prefixes of row `at`; call it with 0, 1, 2, …
    pub(crate) fn next_row(&mut self, at: usize) -> Prefixes {
        let depth = self.tree.depth(at);
        let has_next_sibling = self.tree.has_next_sibling[at];
        // Level 0 has no guide of its own (its rows start at the left edge), so `depth_max` guides need one level more.
        self.continues.truncate(depth.min(self.depth_max + 1));
        let mut row: String =
            self.continues.iter().skip(1).map(|&continues| if continues { "│ " } else { "  " }).collect();
        let mut below = row.clone();
        if depth > self.depth_max {
            row.push_str(&collapsed(depth - self.depth_max));
        } else {
            if depth > 0 {
                row.push_str(if has_next_sibling { "├╴" } else { "└╴" });
                below.push_str(if has_next_sibling { "│ " } else { "  " });
            }
            self.continues.push(has_next_sibling);
        }
        below.push_str("│ ");
        Prefixes { row, below }
    }
}

fn collapsed(levels: usize) -> String {
    format!("⋯(+{levels}) ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(depths: &[u32], depth_max: usize, expected: &Expect) {
        let tree = Tree::of(depths.iter().copied());
        let mut guides = tree.guides(depth_max);
        let mut drawn = String::new();
        for (at, depth) in depths.iter().enumerate() {
            let prefixes = guides.next_row(at);
            assert_eq!(super::super::super::line::width(&prefixes.row), tree.prefix_width(at, depth_max));
            drawn.push_str(&format!("{}{depth}\n{}log\n", prefixes.row, prefixes.below));
        }
        expected.assert_eq(&drawn);
    }

    #[test]
    fn guides_go_on_exactly_to_the_last_sibling() {
        check(
            &[0, 1, 2, 2, 1, 2, 0],
            8,
            &expect![[r#"
            0
            │ log
            ├╴1
            │ │ log
            │ ├╴2
            │ │ │ log
            │ └╴2
            │   │ log
            └╴1
              │ log
              └╴2
                │ log
            0
            │ log
        "#]],
        );
    }

    #[test]
    fn levels_beyond_the_cap_are_counted() {
        check(
            &[0, 1, 2, 3, 4, 3, 1],
            2,
            &expect![[r#"
            0
            │ log
            ├╴1
            │ │ log
            │ └╴2
            │   │ log
            │   ⋯(+1) 3
            │   │ log
            │   ⋯(+2) 4
            │   │ log
            │   ⋯(+1) 3
            │   │ log
            └╴1
              │ log
        "#]],
        );
    }

    #[test]
    fn a_lying_depth_is_taken_as_one_level() {
        let tree = Tree::of([0, u32::MAX, 7, 0].into_iter());
        assert_eq!((0..4).map(|row| tree.depth(row)).collect::<Vec<_>>(), [0, 1, 2, 0]);
    }

    #[test]
    fn a_chain_of_ten_thousand_keeps_its_rows_short() {
        let tree = Tree::of(0..10_000);
        let mut guides = tree.guides(32);
        let longest = (0..10_000).map(|at| guides.next_row(at).row.chars().count()).max();
        assert_eq!(longest, Some(32 * LEVEL_CELLS + "⋯(+9967) ".chars().count()));
    }
}
