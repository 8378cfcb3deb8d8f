//! The beliefs about one task weighed by how they did on the ladder's own rungs.

use super::bins::Units;
use super::calibration::Calibration;
use super::posterior::{BELIEFS, Posterior, Prediction};

/// One task's law under both beliefs.
#[derive(Clone, Debug)]
pub(super) struct Averaged {
    /// `[belief]`
    posteriors: [Posterior; 2],
    calibration: Calibration,
    units: Units,
    d: Vec<f64>,
    chance: f64,
}

impl Averaged {
    /// `d`: `[rung]` log compute relative to the largest rung, increasing, in the order of `units`.
    pub(super) fn new(units: Units, d: &[f64], chance: f64, calibration: Calibration) -> Self {
        let posteriors = BELIEFS.map(|(belief, _)| Posterior::new(&units, d, chance, belief));
        Self { posteriors, calibration, units, d: d.to_vec(), chance }
    }

    /// As it would be with `share` of the sampling variance in every score.
    pub(super) fn with_noise(&self, share: f64) -> Self {
        let mut units = self.units.clone();
        for unit in units.bins.iter_mut().chain([&mut units.whole]) {
            unit.noise.iter_mut().for_each(|noise| *noise *= share);
        }
        Self::new(units, &self.d, self.chance, self.calibration)
    }

    /// As it would be with one more rung at log compute `step` beyond the largest, that scores what is
    /// forecast there. Places are then relative to that rung.
    pub(super) fn with_rung(&self, step: f64) -> Self {
        let mut units = self.units.clone();
        // What it scores is the mean of the bins: the largest rung's deviation is the task's, not theirs.
        let mut score = 0.0;
        for (bin, unit) in units.bins.iter_mut().enumerate() {
            let own = self.predict_bin(bin, step).score;
            score += unit.weight * own;
            unit.extend(own);
        }
        units.whole.extend(score);
        let mut d: Vec<f64> = self.d.iter().map(|place| place - step).collect();
        d.push(0.0);
        Self::new(units, &d, self.chance, self.calibration)
    }

    /// Number of bins.
    pub(super) fn bins(&self) -> usize {
        self.units.bins.len()
    }

    /// One bin's mean scores, `[rung]` by increasing place on the axis.
    pub(super) fn bin_scores(&self, bin: usize) -> &[f64] {
        &self.units.bins[bin].scores
    }

    /// Posterior geometric mean of a rung's deviation, in log of the -log score.
    pub(super) fn typical_shock(&self) -> f64 {
        self.posteriors[0].typical_shock()
    }

    /// The whole task at log compute `d` beyond the largest rung.
    pub(super) fn predict(&self, d: f64) -> Prediction {
        self.average(d, |posterior| posterior.predict(d))
    }

    /// One bin there.
    pub(super) fn predict_bin(&self, bin: usize, d: f64) -> Prediction {
        self.average(d, |posterior| posterior.predict_bin(bin, d))
    }

    /// What the law says of its own error there, before the ladder's rungs are asked.
    pub(super) fn expected_sd(&self, d: f64) -> f64 {
        self.posteriors[0].predict(d).variance().sqrt()
    }

    fn average(&self, d: f64, predict: impl Fn(&Posterior) -> Prediction) -> Prediction {
        let Calibration { weight, scale, drift } = self.calibration;
        let both = [0, 1].map(|belief| predict(&self.posteriors[belief]));
        let score = weight[0] * both[0].score + weight[1] * both[1].score;
        let mut average = Prediction { score, ..Prediction::default() };
        for (belief, one) in both.iter().enumerate() {
            let (weight, scale) = (weight[belief], weight[belief] * scale[belief]);
            average.parameters += scale * one.parameters;
            average.shape += scale * one.shape + weight * (one.score - score).powi(2);
            average.shock += scale * one.shock;
            average.sampling += weight * one.sampling;
            average.drift += weight * drift[belief] * (one.sensitivity * d.max(0.0)).powi(2);
            average.sensitivity += weight * one.sensitivity;
        }
        average
    }
}
