//! The published method: cluster, fit, extrapolate, map.
