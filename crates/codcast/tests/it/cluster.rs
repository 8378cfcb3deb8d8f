//! Stage 1 against a naive MeanShift and its own promises.

use codcast::cluster::{
    Algorithm, Assignment, ClusterConfig, Points, by_difficulty, improved_k_means,
    intra_cluster_average_distance, mean_shift,
};
use codcast::passrate::PassRates;
use proptest::prelude::*;

use crate::cluster_inputs::{simulate, uniform};

/// MeanShift as one would write it down.
fn naive(points: Points<'_>, bandwidth: f64) -> (Vec<Vec<f64>>, Vec<Option<usize>>) {
    let distance =
        |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    let mut ends: Vec<(usize, Vec<f64>)> = Vec::new();
    for seed in points.rows() {
        let mut at = seed.to_vec();
        loop {
            let near: Vec<&[f64]> =
                points.rows().filter(|row| distance(row, &at) <= bandwidth).collect();
            let mean: Vec<f64> = (0..points.d())
                .map(|j| near.iter().map(|row| row[j]).sum::<f64>() / near.len() as f64)
                .collect();
            let moved = distance(&mean, &at);
            at = mean;
            if moved <= 1e-3 * bandwidth {
                ends.push((near.len(), at));
                break;
            }
        }
    }
    ends.sort_by(|a, b| b.partial_cmp(a).expect("finite"));
    let mut centres: Vec<Vec<f64>> = Vec::new();
    for (_, end) in ends {
        if centres.iter().all(|centre| distance(centre, &end) > bandwidth) {
            centres.push(end);
        }
    }
    let nearest = |row: &[f64]| {
        (0..centres.len())
            .min_by(|&a, &b| distance(row, &centres[a]).total_cmp(&distance(row, &centres[b])))
    };
    let labels = points.rows().map(nearest).collect();
    (centres, labels)
}

/// Rates in which no two distances are equal.
fn smooth(seed: u64, n: usize, d: usize) -> Vec<f64> {
    let near = |(i, p): (usize, f64)| p + 0.05 * uniform(!seed, i as u64);
    simulate(seed, n, d, 10).into_iter().enumerate().map(near).collect()
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
}

const ALGORITHMS: [Algorithm; 5] = [
    Algorithm::ImprovedMeanShift,
    Algorithm::MeanShift,
    Algorithm::KMeans,
    Algorithm::ImprovedKMeans,
    Algorithm::Dbscan,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    #[test]
    fn mean_shift_is_the_naive_one(
        seed in 0_u64..1000, n in 1_usize..120, d in 1_usize..18, bandwidth in 0.05..0.8,
    ) {
        let rates = smooth(seed, n, d);
        let points = Points::new(d, &rates);
        let (centres, labels) = naive(points, bandwidth);
        let found = mean_shift(points, bandwidth, true);
        prop_assert_eq!(found.labels, labels);
        for (a, b) in found.centres.concat().iter().zip(centres.concat()) {
            prop_assert!((a - b).abs() < 1e-12);
        }
    }

    #[test]
    fn copies_of_all_points_change_nothing(seed in 0_u64..1000, n in 1_usize..80, d in 1_usize..10) {
        let rates = smooth(seed, n, d);
        let twice = [rates.clone(), rates.clone()].concat();
        let once = mean_shift(Points::new(d, &rates), 0.3, false);
        let both = mean_shift(Points::new(d, &twice), 0.3, false);
        prop_assert_eq!(&both.labels[..n], &once.labels[..]);
        prop_assert_eq!(&both.labels[n..], &once.labels[..]);
    }

    #[test]
    fn the_order_of_samples_and_the_number_of_threads_do_not_matter(
        seed in 0_u64..1000, n in 1_usize..150, d in 1_usize..10, trials in 1_usize..6,
        which in 0_usize..5,
    ) {
        let rates = simulate(seed, n, d, trials);
        let config = ClusterConfig { algorithm: ALGORITHMS[which], ..Default::default() };
        let run = |threads, rates: &[f64]| {
            let rates = PassRates::new(d, rates.to_vec());
            pool(threads).install(|| by_difficulty(&rates, &config, 7))
        };
        let one = run(1, &rates);
        prop_assert_eq!(&run(2, &rates), &one);
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| uniform(seed, a as u64).total_cmp(&uniform(seed, b as u64)));
        let shuffled: Vec<f64> =
            order.iter().flat_map(|&i| &rates[i * d..(i + 1) * d]).copied().collect();
        let other = run(2, &shuffled);
        prop_assert_eq!(&other.clusters, &one.clusters);
        for (place, &i) in order.iter().enumerate() {
            prop_assert_eq!(other.assignments[place], one.assignments[i]);
        }
    }
}

#[test]
fn samples_that_never_score_are_set_aside() {
    let mut rates = simulate(3, 200, 6, 20);
    rates.extend([0.0; 12]);
    let clusters = by_difficulty(&PassRates::new(6, rates.clone()), &ClusterConfig::default(), 0);
    let zero = |i: &usize| rates[i * 6..(i + 1) * 6].iter().all(|&rate| rate == 0.0);
    assert_eq!(clusters.zero_performance(), (0..202).filter(zero).collect::<Vec<_>>());
    assert_eq!(clusters.assignments[201], Assignment::ZeroPerformance);
    assert!(clusters.clusters.iter().all(|c| c.size >= 10));
    assert!(clusters.clusters.is_sorted_by_key(|c| std::cmp::Reverse(c.size)));
    for (id, cluster) in clusters.clusters.iter().enumerate() {
        assert_eq!(clusters.members(id).len(), cluster.size);
        for i in clusters.members(id) {
            let row = &rates[i * 6..(i + 1) * 6];
            let far: f64 = row.iter().zip(&cluster.centre).map(|(a, b)| (a - b).powi(2)).sum();
            assert!(far.sqrt() <= clusters.radius.unwrap() + 1e-12);
        }
    }
    assert!(!clusters.clusters.is_empty() && clusters.radius.unwrap() <= 0.1 * 6.0_f64.sqrt());
}

#[test]
fn sets_without_anything_to_cluster_are_answered() {
    for algorithm in ALGORITHMS {
        let config = ClusterConfig { algorithm, ..Default::default() };
        let none = by_difficulty(&PassRates::default(), &config, 0);
        assert!(none.assignments.is_empty() && none.radius.is_none());
        let zeros = by_difficulty(&PassRates::new(3, vec![0.0; 30]), &config, 0);
        assert_eq!(zeros.zero_performance().len(), 10);
        let equal = by_difficulty(&PassRates::new(3, vec![1.0; 60]), &config, 0);
        assert_eq!(equal.clusters.len(), 1, "{algorithm:?}");
        assert_eq!(equal.clusters[0].centre, [1.0; 3]);
        by_difficulty(&PassRates::new(3, vec![0.5, 0.6, 0.7]), &config, 0);
    }
}

#[test]
fn many_copies_of_a_few_samples_are_a_cluster_each() {
    // Hundredths, whose mean over a hundred copies is not themselves to the last bit.
    let kinds = [[0.07, 0.29, 0.83], [0.01, 0.11, 0.37], [0.33, 0.57, 0.99]];
    let rates: Vec<f64> = kinds.iter().flat_map(|kind| kind.repeat(100)).collect();
    let found = by_difficulty(&PassRates::new(3, rates), &ClusterConfig::default(), 0);
    let sizes: Vec<usize> = found.clusters.iter().map(|cluster| cluster.size).collect();
    assert_eq!(sizes, [100; 3]);
}

#[test]
fn improved_k_means_keeps_its_smallest_cluster() {
    let rates = simulate(5, 300, 5, 50);
    let points = Points::new(5, &rates);
    let (run, labels) = improved_k_means(points, 10, 3, 1);
    let mut sizes = vec![0; run.centres.len()];
    for &label in &run.labels {
        sizes[label] += 1;
    }
    assert!(sizes.iter().all(|&size| size >= 10) && sizes.len() > 5);
    let without: Vec<Option<usize>> = run.labels.iter().copied().map(Some).collect();
    let tightness = |labels: &[Option<usize>]| intra_cluster_average_distance(points, labels);
    assert!(labels.iter().any(Option::is_none) && tightness(&labels) < tightness(&without));
}
