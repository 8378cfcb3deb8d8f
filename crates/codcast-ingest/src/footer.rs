//! Parquet of any origin. The library trusts what stands at a file's end: what it does not check is
//! checked here, and where it gives up all the same, the file is damaged and not the program.

use std::panic::{AssertUnwindSafe, catch_unwind};

use parquet::file::metadata::ParquetMetaData;

/// Decodes, and turns a panic into an error: the decoder checks much of a damaged file, but not all, and
/// panics on the rest (impossible bit widths, absent dictionaries). `damaged` makes the error of what
/// the panic said.
pub fn contained<T, E>(
    decode: impl FnOnce() -> Result<T, E>,
    damaged: impl FnOnce(&str) -> E,
) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(damaged(text.unwrap_or("its description makes no sense")))
    })
}

/// Whether all columns lie where a file of so many bytes can have them; the message says which does not.
pub fn check(metadata: &ParquetMetaData, bytes: u64) -> Result<(), String> {
    for (group, rows) in metadata.row_groups().iter().enumerate() {
        for column in rows.columns() {
            let start =
                column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
            let range = u64::try_from(start).ok().zip(u64::try_from(column.compressed_size()).ok());
            let end = range.and_then(|(start, length)| start.checked_add(length));
            if end.is_none_or(|end| end > bytes) || rows.num_rows() < 0 {
                let path = column.column_path();
                return Err(format!("column {path} of row group {group} lies outside the file"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_that_says_what_it_said() {
        let decode = || -> Result<(), String> { panic!("Int type with bit width of 192") };
        let damaged = |said: &str| format!("damaged ({said})");
        assert_eq!(
            contained(decode, damaged).unwrap_err(),
            "damaged (Int type with bit width of 192)"
        );
        assert_eq!(contained(|| Ok::<_, String>(1), damaged), Ok(1));
    }
}
