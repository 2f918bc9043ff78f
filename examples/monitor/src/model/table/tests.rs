use super::*;

fn names(table: Table) -> Vec<&'static str> {
    table.columns().iter().map(|column| column.name).collect()
}

#[test]
fn columns_stand_in_the_order_people_know() {
    assert_eq!(names(Table::Builds), ["id", "status", "image", "region", "duration", "created", "logUrl"]);
    assert_eq!(names(Table::Runner), ["queue", "region", "status", "runs", "runtime", "created", "note"]);
    assert_eq!(names(Table::Vertex), ["job_id", "name", "state", "runtime", "created", "note"]);
    assert_eq!(names(Table::Active), ["id", "name", "state", "runtime", "created"]);
    assert_eq!(names(Table::Completed), ["id", "name", "state", "runtime", "exit_code", "created"]);
}

#[test]
fn ids_are_cut_at_12_and_long_texts_at_50() {
    let cuts: Vec<_> = Table::ALL
        .into_iter()
        .flat_map(|table| table.columns().iter().filter_map(move |c| Some((table, c.name, c.max_chars?))))
        .collect();
    assert_eq!(
        cuts,
        [
            (Table::Builds, "id", 12),
            (Table::Builds, "logUrl", 50),
            (Table::Vertex, "job_id", 12),
            (Table::Vertex, "note", 50),
            (Table::Active, "id", 12),
            (Table::Completed, "id", 12),
        ]
    );
}

#[test]
fn a_name_leads_back_to_its_table() {
    for table in Table::ALL {
        assert_eq!(Table::from_name(table.name()), Some(table));
    }
    assert_eq!(Table::from_name("Builds"), None);
}

#[test]
fn next_and_previous_go_round() {
    assert_eq!(Table::Completed.next(), Table::Builds);
    assert_eq!(Table::Builds.previous(), Table::Completed);
    for table in Table::ALL {
        assert_eq!(table.next().previous(), table);
    }
}
