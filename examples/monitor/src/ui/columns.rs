//! How wide each column is, and which ones are left out.

use crate::model::Column;

/// Columns between two columns.
pub(super) const SPACING: u16 = 2;

/// Gives each column its width. Those that get 0 are left out.
///
/// `natural` is what each would fill. If all of it does not fit, the most dispensable column is left out as long as
/// even the least widths do not fit; then the widest column gives way to the others, one by one, down to its least
/// width.
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
    // On the narrowest terminals even what must stay gives way in the end.
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
