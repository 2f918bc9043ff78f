use super::*;
use crate::model::Table;

fn total(widths: &[u16]) -> u16 {
    let shown = widths.iter().filter(|&&width| width > 0).count();
    widths.iter().sum::<u16>() + SPACING * u16::try_from(shown.saturating_sub(1)).expect("few")
}

#[test]
fn with_room_every_column_has_what_it_fills() {
    let natural = [12, 10, 13, 12, 7, 7, 50];
    assert_eq!(widths(Table::Builds.columns(), &natural, 200), natural);
}

#[test]
fn on_80_columns_the_url_shrinks_or_goes_and_the_rest_fits() {
    let widths = widths(Table::Builds.columns(), &[12, 10, 13, 12, 7, 7, 50], 80);
    assert!(total(&widths) <= 80, "{widths:?}");
    assert!(widths[..6].iter().all(|&width| width > 0), "{widths:?}");
}

#[test]
fn the_widest_column_shrinks_first() {
    let widths = widths(Table::Vertex.columns(), &[12, 10_000, 12, 7, 7, 50], 100);
    assert_eq!(total(&widths), 100);
    assert_eq!((widths[0], widths[2]), (12, 12));
}

#[test]
fn every_width_from_the_smallest_on_is_respected() {
    for table in Table::ALL {
        for available in 40..250 {
            let natural: Vec<u16> = table.columns().iter().map(|column| column.min_width * 3).collect();
            let widths = widths(table.columns(), &natural, available);
            assert!(total(&widths) <= available, "{table} {available} {widths:?}");
        }
    }
}
