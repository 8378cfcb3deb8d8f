//! Names of lighteval metrics, which alone say over how many answers a value was taken.

/// How a lighteval metric summarises the answers to one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Summary {
    /// The mean of n graded answers: `avg@n:n=4`, and pass@1 of n answers.
    Mean { n: u64 },
    /// pass@k of n answers, k > 1.
    PassAtK { n: u64, k: u64 },
    /// One verdict over n answers, a vote or that all are right; not a pass rate.
    Vote,
    /// The best of an unknown number of answers.
    Best,
    /// One value, of one answer (or the best of several, which the name does not tell).
    Plain,
}

/// Reads a metric's name.
///
/// Source: the names in lighteval's `metrics.py` over its versions: `avg@n:n=4`, `pass@k:k=1&n=4`
/// (0.11 and later), `pass@1:32_samples`, `codegen_pass@1:16`, `math_pass@1:4_samples` (before),
/// `maj@8`, `maj@n:n=4`, `g-pass@k:...`.
pub(super) fn summary(name: &str) -> Summary {
    let (head, options) = name.split_once(':').unwrap_or((name, ""));
    let Some((kind, argument)) = head.rsplit_once('@') else { return Summary::Plain };
    let option = |key: &str| {
        let value = options.split('&').find_map(|o| o.strip_prefix(key)?.strip_prefix('='));
        value.and_then(|value| value.parse::<u64>().ok())
    };
    let n = option("n").or_else(|| leading_number(options));
    if kind.starts_with("maj") || kind.ends_with("g-pass") {
        return Summary::Vote;
    }
    if kind.ends_with("avg") {
        let n = n.or_else(|| argument.parse().ok());
        return n.map_or(Summary::Vote, |n| Summary::Mean { n });
    }
    if kind.ends_with("pass") {
        let k = option("k").or_else(|| argument.parse().ok());
        return match (k, n) {
            (Some(1), Some(n)) => Summary::Mean { n },
            (Some(k), Some(n)) => Summary::PassAtK { n, k },
            (Some(1), None) => Summary::Plain,
            _ => Summary::Best,
        };
    }
    // recall@2 and the like rank the choices of one answer.
    Summary::Plain
}

/// `32_samples` and `16` start with the number of answers.
fn leading_number(options: &str) -> Option<u64> {
    let end = options.find(|c: char| !c.is_ascii_digit()).unwrap_or(options.len());
    options[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_versions() {
        let expected = [
            ("avg@n:n=4", Summary::Mean { n: 4 }),
            ("avg@64", Summary::Mean { n: 64 }),
            ("pass@k:k=1&n=4", Summary::Mean { n: 4 }),
            ("pass@k:k=8&n=16", Summary::PassAtK { n: 16, k: 8 }),
            ("pass@1:32_samples", Summary::Mean { n: 32 }),
            ("math_pass@1:4_samples", Summary::Mean { n: 4 }),
            ("codegen_pass@1:16", Summary::Mean { n: 16 }),
            ("pass@10:20_samples", Summary::PassAtK { n: 20, k: 10 }),
            ("pass@1", Summary::Plain),
            ("maj@8", Summary::Vote),
            ("maj@n:n=4", Summary::Vote),
            ("g-pass@k:k=16&n=48", Summary::Vote),
            ("pass@k:k=4", Summary::Best),
            ("em", Summary::Plain),
            ("acc_norm", Summary::Plain),
            ("recall@2", Summary::Plain),
        ];
        for (name, summary_expected) in expected {
            assert_eq!(summary(name), summary_expected, "{name}");
        }
    }
}
