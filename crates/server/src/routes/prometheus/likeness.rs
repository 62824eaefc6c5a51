//! How much a name looks like what was typed. Scores are those of Prometheus, so that lists are in its order.

/// Scores names against one or more words; a name is as good as the word that fits it best.
#[derive(Clone, Debug)]
pub(super) struct Likeness {
    /// None accepts every name.
    words: Vec<String>,
    algorithm: Algorithm,
    /// Names that score less are left out, 0 to 1.
    score_min: f64,
    case: Case,
}

/// How likeness is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// All characters of the word, in their order, with anything between them.
    Subsequence,
    /// The word itself, or one that is near it by Jaro and Winkler.
    JaroWinkler,
}

/// Whether `a` is `A`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// It is not.
    Sensitive,
    /// It is.
    Folded,
}

/// Comparing takes as long as the square of a name's length. In longer ones a word is looked for as it is.
const SCORED_BYTES_MAX: usize = 128;

/// What else than the whole name fits is a little less than perfect, so that the whole name stands first.
const PARTIAL_SCALE: f64 = 0.999;

/// What the first of these characters that are equal add to a score, each.
const PREFIX_CHARACTERS: usize = 4;
const PREFIX_SCALE: f64 = 0.1;

impl Likeness {
    /// Empty words say nothing. `percent` is 0 to 100.
    pub(super) fn new(words: &[&str], algorithm: Algorithm, percent: u8, case: Case) -> Self {
        let words = words.iter().filter(|word| !word.is_empty());
        let words = words.map(|word| if case == Case::Folded { word.to_lowercase() } else { (*word).to_owned() });
        Self { words: words.collect(), algorithm, score_min: f64::from(percent) / 100.0, case }
    }

    /// The score, above 0 and up to 1; `None` where the name does not fit.
    pub(super) fn score(&self, name: &str) -> Option<f64> {
        if self.words.is_empty() {
            return Some(1.0);
        }
        let folded;
        let name = match self.case {
            Case::Sensitive => name,
            Case::Folded => {
                folded = name.to_lowercase();
                &folded
            }
        };
        let scores = self.words.iter().filter_map(|word| match self.algorithm {
            Algorithm::Subsequence => subsequence(word, name).filter(|score| *score > 0.0 && *score >= self.score_min),
            Algorithm::JaroWinkler => substring(word, name).or_else(|| {
                let score = if self.score_min > 0.0 { jaro_winkler(word, name) } else { 0.0 };
                (self.score_min > 0.0 && score >= self.score_min).then_some(score)
            }),
        });
        scores.max_by(f64::total_cmp)
    }
}

/// 1 where the name begins with the word; less, the later the word begins in it.
fn substring(word: &str, name: &str) -> Option<f64> {
    let at = name.find(word)?;
    let position = name[..at].chars().count();
    let last = name.chars().count().saturating_sub(word.chars().count());
    Some(if position == 0 || last == 0 { 1.0 } else { 1.0 - 0.9 * position as f64 / last as f64 })
}

/// Runs of neighbours count by their square, gaps by their share of the name, and what is left behind by half of that.
fn subsequence(word: &str, name: &str) -> Option<f64> {
    if name.starts_with(word) {
        return Some(1.0);
    }
    if name.len() > SCORED_BYTES_MAX {
        return substring(word, name);
    }
    let (word, name): (Vec<char>, Vec<char>) = (word.chars().collect(), name.chars().collect());
    let last_start = name.len().checked_sub(word.len())?;
    let starts = (0..=last_start).filter(|start| name[*start] == word[0]);
    // Where the word does not fit from one character on, it does not from any later one.
    let scores = starts.map_while(|start| subsequence_from(&word, &name, start));
    let best = scores.fold(-1.0, f64::max);
    (best >= 0.0).then(|| best / (word.len() * word.len()) as f64 * PARTIAL_SCALE)
}

/// The score of the match that takes each character where it comes next, from `start` on.
fn subsequence_from(word: &[char], name: &[char], start: usize) -> Option<f64> {
    let share = 1.0 / name.len() as f64;
    let (mut score, mut next, mut at) = (0.0, 0, start);
    let mut behind_run = 0;
    while next < word.len() {
        let from = at + name[at..].iter().position(|c| *c == word[next])?;
        score -= (from - behind_run) as f64 * share;
        let run = word[next..].iter().zip(&name[from..]).take_while(|(one, other)| one == other).count();
        score += (run * run) as f64;
        (next, at, behind_run) = (next + run, from + run, from + run);
    }
    Some(score - (name.len() - behind_run) as f64 * share * 0.5)
}

/// Jaro's share of characters that are about the same place in both, and Winkler's bonus for equal beginnings.
fn jaro_winkler(one: &str, other: &str) -> f64 {
    if one == other {
        return 1.0;
    }
    if one.len().max(other.len()) > SCORED_BYTES_MAX {
        return 0.0;
    }
    let (mut short, mut long): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if short.len() > long.len() {
        std::mem::swap(&mut short, &mut long);
    }
    let reach = (long.len() / 2).saturating_sub(1);
    let mut taken = vec![false; long.len()];
    let mut of_short = Vec::new();
    for (at, c) in short.iter().enumerate() {
        let places = at.saturating_sub(reach)..(at + reach + 1).min(long.len());
        if let Some(place) = places.into_iter().find(|place| !taken[*place] && long[*place] == *c) {
            taken[place] = true;
            of_short.push(*c);
        }
    }
    if of_short.is_empty() {
        return 0.0;
    }
    let of_long = long.iter().zip(&taken).filter(|(_, taken)| **taken).map(|(c, _)| c);
    let moved = of_short.iter().zip(of_long).filter(|(one, other)| one != other).count() as f64;
    let matches = of_short.len() as f64;
    let jaro = (matches / short.len() as f64 + matches / long.len() as f64 + (matches - moved / 2.0) / matches) / 3.0;
    let prefix = short.iter().zip(&long).take(PREFIX_CHARACTERS).take_while(|(one, other)| one == other).count();
    jaro + prefix as f64 * PREFIX_SCALE * (1.0 - jaro)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(found: Option<f64>, expected: Option<f64>) {
        let near = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-4,
            (found, expected) => found.is_none() && expected.is_none(),
        };
        assert!(near, "{found:?} instead of {expected:?}");
    }

    #[test]
    fn words_inside_names_score_by_where_they_begin() {
        check(substring("node", "node_cpu"), Some(1.0));
        check(substring("cpu", "node_cpu"), Some(0.1));
        check(substring("de", "node_cpu"), Some(1.0 - 0.9 * 2.0 / 6.0));
        check(substring("disk", "node_cpu"), None);
    }

    #[test]
    fn characters_in_order_score_by_their_runs() {
        check(subsequence("node", "node_cpu"), Some(1.0));
        check(subsequence("cpu", "node_cpu"), Some((9.0 - 5.0 / 8.0) / 9.0 * PARTIAL_SCALE));
        check(subsequence("ncpu", "node_cpu"), Some((1.0 + 9.0 - 4.0 / 8.0) / 16.0 * PARTIAL_SCALE));
        check(subsequence("cpun", "node_cpu"), None);
        check(subsequence("longer than the name", "name"), None);
        check(subsequence("눈", "a눈b"), Some((1.0 - 1.0 / 3.0 - 0.5 / 3.0) * PARTIAL_SCALE));
    }

    #[test]
    fn near_words_score_as_jaro_and_winkler_have_it() {
        check(Some(jaro_winkler("martha", "marhta")), Some(0.9611));
        check(Some(jaro_winkler("dwayne", "duane")), Some(0.84));
        check(Some(jaro_winkler("dixon", "dicksonx")), Some(0.8133));
        check(Some(jaro_winkler("abc", "xyz")), Some(0.0));
        check(Some(jaro_winkler("", "xyz")), Some(0.0));
    }

    #[test]
    fn a_name_is_as_good_as_the_word_that_fits_it_best() {
        let likeness = Likeness::new(&["CPU", "node", ""], Algorithm::Subsequence, 0, Case::Folded);
        check(likeness.score("node_CPU"), Some(1.0));
        check(likeness.score("disk"), None);
        check(Likeness::new(&[""], Algorithm::Subsequence, 0, Case::Sensitive).score("anything"), Some(1.0));
        let strict = Likeness::new(&["cpu"], Algorithm::JaroWinkler, 90, Case::Sensitive);
        check(strict.score("cpus"), Some(1.0));
        check(strict.score("disk"), None);
    }
}
