//! Numbers on the command line, and what was expected where there is none.

/// Any number; its range is checked where it is used.
pub(super) fn number(text: &str) -> Result<f64, String> {
    parsed(text).ok_or_else(|| format!("expected a number{}", written_out(text)))
}

/// Compute in FLOPs.
pub(super) fn flops(text: &str) -> Result<f64, String> {
    const EXPECTED: &str = "expected training compute in FLOPs, such as 8e12";
    parsed(text).ok_or_else(|| match with_suffix(text) {
        Some(params) => {
            let tokens = 20.0 * params;
            format!(
                "{EXPECTED}; {} looks like a number of parameters, and compute is about 6 x parameters \
                 x training tokens: {params:e} parameters and {tokens:e} tokens take {:e}",
                text.trim(),
                6.0 * params * tokens
            )
        }
        None => EXPECTED.to_owned(),
    })
}

/// A whole number of at least zero.
pub(super) fn whole(text: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| format!("expected a whole number{}", written_out(text)))
}

/// A whole number from `LEAST` to `MOST`.
pub(super) fn whole_within<const LEAST: u64, const MOST: u64>(text: &str) -> Result<u64, String> {
    match text.trim().parse() {
        Ok(number) if (LEAST..=MOST).contains(&number) => Ok(number),
        _ => Err(format!("expected a whole number from {LEAST} to {MOST}")),
    }
}

/// The same, of a smaller type.
pub(super) fn small_within<const LEAST: u64, const MOST: u64>(text: &str) -> Result<u16, String> {
    let number = whole_within::<LEAST, MOST>(text)?;
    u16::try_from(number).map_err(|_| format!("expected a whole number up to {}", u16::MAX))
}

/// A number of a checkpoint.
pub(super) fn checkpoint(text: &str) -> Result<i64, String> {
    text.trim().parse().map_err(|_| "expected a whole number, such as 143000".to_owned())
}

/// A share strictly between 0 and 1.
pub(super) fn level(text: &str) -> Result<f64, String> {
    match parsed(text) {
        Some(level) if level > 0.0 && level < 1.0 => Ok(level),
        _ => Err("expected a number in (0, 1)".to_owned()),
    }
}

fn parsed(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

/// What `70B` and the like mean.
fn with_suffix(text: &str) -> Option<f64> {
    let text = text.trim();
    let last = text.chars().last()?;
    let power = match last {
        'k' | 'K' => 1e3,
        'm' | 'M' => 1e6,
        'b' | 'B' | 'g' | 'G' => 1e9,
        't' | 'T' => 1e12,
        _ => return None,
    };
    let lead: f64 = text.strip_suffix(last)?.trim().parse().ok()?;
    (lead.is_finite() && lead > 0.0).then_some(lead * power)
}

fn written_out(text: &str) -> String {
    with_suffix(text).map_or_else(String::new, |number| format!("; {} is {number:e}", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_from_compute() {
        assert_eq!(flops("8e12"), Ok(8e12));
        let said = flops("70B").unwrap_err();
        // 6 x 7e10 x 1.4e12, by hand.
        for part in ["FLOPs", "number of parameters", "7e10 parameters", "1.4e12 tokens", "5.88e23"]
        {
            assert!(said.contains(part), "{said}");
        }
        assert!(!flops("much").unwrap_err().contains("parameters"));
        assert_eq!(number("1.5T").unwrap_err(), "expected a number; 1.5T is 1.5e12");
        assert_eq!(whole("-1").unwrap_err(), "expected a whole number");
        assert_eq!(whole_within::<1, 9>("10").unwrap_err(), "expected a whole number from 1 to 9");
        assert_eq!(whole_within::<1, 9>("9"), Ok(9));
        assert!(level("1").is_err() && level("nan").is_err());
        assert_eq!(level("0.5"), Ok(0.5));
    }
}
