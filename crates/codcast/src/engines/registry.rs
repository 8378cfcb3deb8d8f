//! The engines by name.

use crate::engines::{
    AnchorCopy, Bins, Bnsl, Cod, Codcast, EndToEnd, Engine, Last, Median, PassRate, PerItem, Power,
    PowerNd, TwoStep, ViaLoss,
};
use crate::error::{Error, Result};

/// Used where none is named.
pub const DEFAULT: &str = "codcast";

/// All but `median`, in the order of the documentation.
fn singles() -> Vec<Box<dyn Engine>> {
    vec![
        Box::new(Codcast),
        Box::new(Cod::default()),
        Box::new(Cod::quartic()),
        Box::new(Last),
        Box::new(AnchorCopy),
        Box::new(EndToEnd),
        Box::new(PassRate),
        Box::new(Bnsl),
        Box::new(ViaLoss),
        Box::new(Power),
        Box::new(PowerNd),
        Box::new(TwoStep::Sizes),
        Box::new(TwoStep::Compute),
        Box::new(PerItem),
        Box::new(Bins),
    ]
}

/// Every engine.
pub fn all() -> Vec<Box<dyn Engine>> {
    let mut engines = singles();
    engines.push(Box::new(Median::of(singles())));
    engines
}

/// Every engine's name, in the order of [`all`].
pub fn names() -> Vec<&'static str> {
    all().iter().map(|engine| engine.info().name).collect()
}

/// The engine of that name.
pub fn by_name(name: &str) -> Result<Box<dyn Engine>> {
    all().into_iter().find(|engine| engine.info().name == name).ok_or_else(|| Error::Unknown {
        kind: "engine",
        name: name.to_owned(),
        known: names().join(", "),
    })
}

/// Several, in the order given.
pub fn by_names(names: &[impl AsRef<str>]) -> Result<Vec<Box<dyn Engine>>> {
    names.iter().map(|name| by_name(name.as_ref())).collect()
}
