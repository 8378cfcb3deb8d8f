//! Many starts, one answer.

use super::Minimum;

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

/// Searches from every start and keeps the lowest cost; of equals the first, so the order of the
/// starts decides and nothing else. `None` when no start has a finite cost.
pub fn best_of<const P: usize>(
    starts: &[[f64; P]],
    search: impl Fn([f64; P]) -> Option<Minimum<P>>,
) -> Option<Minimum<P>> {
    starts
        .iter()
        .filter_map(|&start| search(start))
        .reduce(|best, next| if next.cost < best.cost { next } else { best })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_grid_is_the_product_of_its_sides() {
        let points = super::grid([&[1.0, 2.0], &[5.0, 6.0]]);
        assert_eq!(points, [[1.0, 5.0], [1.0, 6.0], [2.0, 5.0], [2.0, 6.0]]);
    }
}
