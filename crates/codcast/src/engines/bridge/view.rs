//! The bins as people see them.

use super::averaged::Averaged;
use super::axis::Axis;
use super::posterior::Prediction;
use super::{PREDICTABLE, bins};
use crate::engines::{Group, Inside};
use crate::passrate::{Target, TaskLadder};

/// What of the task is needed to show the bins beside its samples.
pub(super) struct Seen {
    /// `[sample]`; none for an aggregate.
    labels: Vec<Option<usize>>,
    /// Indices of the rungs, by increasing place on the axis.
    order: Vec<usize>,
}

impl Seen {
    pub(super) fn of(task: &TaskLadder, order: &[usize], bins: usize) -> Self {
        Self { labels: bins::labels(task, bins), order: order.to_vec() }
    }

    /// `None` for an aggregate: its one bin is the task itself.
    pub(super) fn inside(
        &self,
        axis: &Axis,
        law: &Averaged,
        at: &Target,
        along: &[Target],
    ) -> Option<Inside> {
        if self.labels.is_empty() {
            return None;
        }
        let size = self.labels.len() as f64 / law.bins() as f64;
        let place = axis.place(at);
        let groups = (0..law.bins()).map(|bin| {
            let own = law.predict_bin(bin, place);
            let sd = own.curve_sd();
            let predictable = sd <= PREDICTABLE;
            let curve: Vec<Prediction> =
                along.iter().map(|at| law.predict_bin(bin, axis.place(at))).collect();
            let mut scores = vec![0.0; self.order.len()];
            for (&rung, &score) in self.order.iter().zip(law.bin_scores(bin)) {
                scores[rung] = score;
            }
            Group {
                id: bin,
                size,
                predictable,
                class: if predictable { "predictable" } else { "uncertain" },
                reason: (!predictable).then(|| {
                    format!(
                        "its curve at the target is known to {:.1} points (one standard deviation); \
                         {:.0} are asked",
                        100.0 * sd,
                        100.0 * PREDICTABLE
                    )
                }),
                scores,
                curve: curve.iter().map(|point| Some(point.score)).collect(),
                curve_sd: curve.iter().map(Prediction::curve_sd).collect(),
            }
        });
        Some(Inside { groups: groups.collect(), labels: self.labels.clone(), mapping: None })
    }
}
