//! Many starts, one answer.

use super::{Bounds, Loss, MANY_STEPS, Minimum, least_squares};

/// All combinations of the values given for each parameter, the last varying fastest.
pub fn grid<const P: usize>(values: [&[f64]; P]) -> Vec<[f64; P]> {
    let mut points = vec![[0.0; P]];
    for (i, choices) in values.iter().enumerate() {
        points = points
            .iter()
            .flat_map(|point| {
                choices.iter().map(move |&value| {
                    let mut next = *point;
                    next[i] = value;
                    next
                })
            })
            .collect();
    }
    points
}

/// Starts that are searched from at all: those with the lowest cost.
const TRIED: usize = 12;
/// Steps before the field is narrowed, and how many are searched to the end.
const SHORT: usize = 25;
const FINISHED: usize = 3;

/// [`least_squares`] from many starts, in three rounds: the starts with the lowest cost, of these a
/// short search, and the best of these to the end.
///
/// Of equals the first wins, so the order of the starts decides and nothing else. `None` when no
/// start has a finite cost.
pub fn multi_start<const P: usize>(
    n: usize,
    residuals: impl Fn(&[f64; P], &mut [f64]),
    starts: &[[f64; P]],
    bounds: &Bounds<P>,
    loss: Loss,
) -> Option<Minimum<P>> {
    let search = |start: [f64; P], steps| least_squares(n, &residuals, start, bounds, loss, steps);
    let round = |starts: Vec<[f64; P]>, steps: usize, keep: usize| {
        let mut ends: Vec<Minimum<P>> =
            starts.into_iter().filter_map(|start| search(start, steps)).collect();
        ends.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        ends.truncate(keep);
        ends
    };
    let places = |ends: Vec<Minimum<P>>| ends.into_iter().map(|end| end.at).collect::<Vec<_>>();
    let tried = places(round(starts.to_vec(), 0, TRIED));
    let promising = places(round(tried, SHORT, FINISHED));
    round(promising, MANY_STEPS, 1).pop()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_grid_is_the_product_of_its_sides() {
        let points = super::grid([&[1.0, 2.0], &[5.0, 6.0]]);
        assert_eq!(points, [[1.0, 5.0], [1.0, 6.0], [2.0, 5.0], [2.0, 6.0]]);
    }
}
