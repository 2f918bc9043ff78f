//! [`widths`]: how wide each column is, and which columns are dropped.

use crate::model::Column;

/// The space between two columns.
pub(super) const SPACING: u16 = 2;

/// Computes the width of each column. A width of 0 means that the column is dropped.
///
/// `natural` is the full width of each column. While even the minimum widths do not fit, the column
/// with the highest drop priority is dropped. Then the widest column shrinks, one by one, down to
/// its minimum width, until all fit.
pub(super) fn widths(columns: &[Column], natural: &[u16], available: u16) -> Vec<u16> {
    let mut shown: Vec<bool> = vec![true; columns.len()];
    let least = |index: usize| natural[index].min(columns[index].min_width);
    let total = |shown: &[bool], width: &dyn Fn(usize) -> u16| -> u32 {
        let shown = (0..columns.len()).filter(|&index| shown[index]);
        let all: u32 = shown.map(|index| u32::from(width(index)) + u32::from(SPACING)).sum();
        all.saturating_sub(u32::from(SPACING))
    };
    while total(&shown, &least) > u32::from(available) {
        let candidates = (0..columns.len()).filter(|&index| shown[index] && columns[index].drop_priority > 0);
        let Some(index) = candidates.max_by_key(|&index| columns[index].drop_priority) else { break };
        shown[index] = false;
    }
    let mut widths = natural.to_vec();
    // On very narrow terminals, the columns that cannot be dropped shrink further, down to 1.
    for floor in [&least as &dyn Fn(usize) -> u16, &|_| 1] {
        while total(&shown, &|index| widths[index]) > u32::from(available) {
            let shrinkable = (0..columns.len()).filter(|&index| shown[index] && widths[index] > floor(index));
            let Some(index) = shrinkable.max_by_key(|&index| widths[index]) else { break };
            widths[index] -= 1;
        }
    }
    widths.iter().zip(shown).map(|(&width, shown)| if shown { width } else { 0 }).collect()
}

#[cfg(test)]
mod tests;
