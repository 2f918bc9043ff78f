use super::*;

fn row(cells: Vec<Cell>, details: Vec<(&'static str, Cell)>) -> Row {
    Row { key: "a".to_owned(), region: None, phase: Phase::Ended, created: None, cells, details }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

#[test]
fn m04_the_url_of_a_row_is_a_column_or_a_detail() {
    let mut cells = vec![Cell::Missing; 7];
    cells[6] = text("https://example.com/log");
    assert_eq!(row(cells, Vec::new()).url(Table::Builds), Some("https://example.com/log"));
    let details = vec![("message", text("https://not.it")), ("url", text("http://localhost:8080/a/runs/b"))];
    let run = row(vec![Cell::Missing; 5], details);
    assert_eq!(run.url(Table::Active), Some("http://localhost:8080/a/runs/b"));
    assert_eq!(row(vec![Cell::Missing; 6], Vec::new()).url(Table::Vertex), None);
}

#[test]
fn m04_only_addresses_of_the_web_are_urls() {
    for bad in
        ["file:///etc/passwd", "-x", "javascript:alert(1)", "https://a b", "https://a\u{1b}]", "http://ü"]
    {
        assert_eq!(row(Vec::new(), vec![("url", text(bad))]).url(Table::Active), None, "{bad}");
    }
}
