use super::*;

#[test]
fn rows_below_the_last_line_are_counted_and_no_divider_stands_last() {
    let mut state = state();
    let mut builds: Vec<Row> = (0..6).map(|n| build(&format!("active{n}"), "WORKING", n)).collect();
    builds.extend((0..6).map(|n| build(&format!("ended{n}"), "SUCCESS", 10 + n)));
    load(&mut state, Table::Builds, builds);
    let mut counts = Vec::new();
    for height in 12..60 {
        let picture = picture(&state, 120, height);
        let lines: Vec<&str> = picture.lines().collect();
        let title = lines.iter().position(|line| line.contains("Runner ─")).expect("a title");
        assert!(!lines[title - 1].contains("────"), "{picture}");
        let shown = picture.matches("WORKING").count() + picture.matches("SUCCESS").count();
        let below = 12 - shown;
        assert_eq!(lines[1].contains(&format!("↓{below} ")), below > 0, "{picture}");
        counts.push(below);
    }
    assert!(counts[0] > 6 && counts.last() == Some(&0), "{counts:?}");
}

#[test]
fn the_title_counts_rows_selected_shown_fetched_and_out_of_view() {
    let mut state = state();
    let builds: Vec<Row> = (0..24).map(|n| build(&format!("build{n}"), "WORKING", n)).collect();
    load(&mut state, Table::Builds, builds);
    for action in [Action::Move(4), Action::Move(4)] {
        let _tables = state.apply(action);
    }
    let title = |state: &State, width| picture(state, width, 16).lines().nth(1).map(str::to_owned);
    // The cap on active builds is ten; eight rows fit.
    let expected = "▶ Builds 9/10 of 24 ───────────────────────────────────── 0s ago ↑2 ";
    assert_eq!(title(&state, 68).as_deref(), Some(&*format!("\"{expected}\"")));
    let _tables = state.apply(Action::Move(-3));
    assert!(
        title(&state, 68).is_some_and(|title| title.ends_with("── 0s ago ↑1 ↓1 \"")),
        "{:?}",
        title(&state, 68)
    );
    fail(&mut state, Table::Builds, "no network; check the cable");
    state.focus = Table::Builds;
    let narrow = title(&state, 40).expect("a title");
    assert!(narrow.contains("6/10 of 24 ✗ stale 0s: n"), "the error comes first: {narrow}");
}

#[test]
fn a_failed_or_empty_table_takes_no_more_lines_than_it_has() {
    let mut state = state();
    for table in Table::ALL {
        fail(&mut state, table, "no network");
    }
    let builds: Vec<Row> = (0..12).map(|n| build(&format!("build{n}"), "SUCCESS", n)).collect();
    load(&mut state, Table::Builds, builds);
    load(&mut state, Table::Runner, Vec::new());
    let picture = picture(&state, 80, 24);
    assert_eq!(picture.matches("SUCCESS").count(), 10, "the others need 8 lines: {picture}");
    let runner: Vec<&str> = picture.lines().skip_while(|line| !line.contains("Runner")).take(3).collect();
    assert!(runner[1].contains("No executions") && runner[2].contains("Vertex ✗ failed"), "{runner:?}");
}

#[test]
fn an_empty_table_with_a_part_that_failed_shows_both() {
    let mut state = state();
    let mut partial = Batch::complete(Vec::new(), now());
    let error = SourceError::new(ErrorKind::Denied, "page 2 is missing");
    partial.failed.push(PartError { region: None, extent: Extent::Some, error });
    fetched(&mut state.panels[Table::Builds], Ok(partial));
    let picture = picture(&state, 80, 24);
    let lines: Vec<&str> =
        picture.lines().skip(1).take(4).map(|line| line.trim_matches(['"', ' '])).collect();
    assert!(lines[0].starts_with("▶ Builds 0 ✗ incomplete ──"), "{lines:?}");
    assert_eq!(lines[1..3], ["No builds", "page 2 is missing"]);
    assert!(lines[3].starts_with("Runner ──"), "{lines:?}");
}

#[test]
fn an_error_in_the_place_of_rows_stays_while_a_retry_runs() {
    let mut state = state();
    fail(&mut state, Table::Builds, &"no network; ".repeat(40));
    let title = |picture: &str| picture.lines().nth(1).map(str::to_owned).expect("a title");
    let before = terminal(&state, 80, 24);
    assert!(title(&before.backend().to_string()).contains("Builds ✗ failed ──"));
    assert!(before.backend().buffer()[(3, 2)].modifier.contains(Modifier::BOLD));
    let last = before.backend().to_string().lines().nth(4).map(str::to_owned).expect("a last line");
    assert!(last.trim_end_matches(['"', ' ']).ends_with('…'), "{last}");
    testing::run(0, |scheduler| {
        let bridge = TestBridge::new(scheduler);
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let worker = workers.worker("builds");
        state.panels[Table::Builds].fetch(worker, &bridge.handle(), |_, _| unreachable!("cancelled first"));
        let during = terminal(&state, 80, 24);
        let picture = during.backend().to_string();
        assert!(title(&picture).contains("Builds ⠋ loading ✗ failed ──"), "{picture}");
        assert!(picture.lines().nth(2).is_some_and(|line| line.contains("no network; no network")));
        assert!(during.backend().buffer()[(3, 2)].modifier.contains(Modifier::DIM));
    });
}

#[test]
fn a_url_shows_what_differs_and_the_popup_all_of_it() {
    let mut state = loaded();
    assert!(picture(&state, 120, 32).contains("  …cccccccc  "));
    for action in [Action::Last, Action::Open] {
        let _tables = state.apply(action);
    }
    assert!(
        picture(&state, 120, 32).contains("https://console.cloud.google.com/cloud-build/builds/cccccccc ")
    );
}

#[test]
fn rows_from_before_are_dim_and_their_age_stands_in_the_title() {
    let mut state = state();
    let batch = |id, minutes| {
        Batch::complete(vec![build(id, "SUCCESS", 8)], now() + SignedDuration::from_mins(minutes))
    };
    let panel = &mut state.panels[Table::Builds];
    fetched_by_region(
        panel,
        [("us-central1", Ok(batch("aaaaaaaa", 0))), ("us-east4", Ok(batch("bbbbbbbb", 0)))],
    );
    let denied = Err(SourceError::new(ErrorKind::Denied, "denied"));
    fetched_by_region(panel, [("us-central1", Ok(batch("aaaaaaaa", 2))), ("us-east4", denied)]);
    state.now = now() + SignedDuration::from_mins(2);
    state.focus = Table::Vertex;
    let terminal = terminal(&state, 120, 30);
    let drawn = terminal.backend().to_string();
    assert!(drawn.contains("Builds 2 ✗ partly stale 2m: us-east4: denied"), "{drawn}");
    let dim = |y: u16| terminal.backend().buffer()[(3, y)].modifier.contains(Modifier::DIM);
    assert_eq!((dim(3), dim(4)), (false, true));

    fail(&mut state, Table::Builds, "no network");
    let title = |state: &State| picture(state, 120, 30).lines().nth(1).map(str::to_owned).expect("a title");
    assert!(title(&state).contains("Builds 2 ✗ stale 2m: no network"), "{}", title(&state));
    load(&mut state, Table::Builds, vec![build("aaaaaaaa", "SUCCESS", 8)]);
    assert!(!title(&state).contains('✗'), "{}", title(&state));
}

#[test]
fn a_narrow_header_keeps_its_clock_whole() {
    for width in 40..80 {
        let picture = picture(&loaded(), width, 12);
        let header = picture.lines().next().expect("a header");
        assert!(header.contains("10:00:00"), "{header}");
    }
}

#[test]
fn columns_do_not_move_when_the_rows_scroll() {
    let mut state = state();
    let mut rows: Vec<Row> =
        (0..20).map(|number| run(&format!("run{number}"), "running").into_active()).collect();
    rows[19].cells[1] = Cell::Text("the longest name of them all".to_owned());
    load(&mut state, Table::Active, rows);
    state.focus = Table::Active;
    let headings = |state: &State| {
        let picture = picture(state, 120, 40);
        assert_eq!(picture.contains("the longest name"), state.panels[Table::Active].selected() > 0);
        picture.lines().find(|line| line.contains("runtime  created ")).map(str::to_owned)
    };
    let at_the_top = headings(&state);
    let _tables = state.apply(Action::Last);
    assert_eq!(headings(&state), at_the_top);
    assert!(at_the_top.is_some());
}

#[test]
fn a_duration_that_grows_is_not_cut() {
    let mut state = state();
    let mut building = build("aaaaaaaa", "WORKING", 0);
    building.cells[4] = Cell::Span(Span::Running(now() - SignedDuration::from_secs(59)));
    building.cells[5] =
        Cell::Time(now() - SignedDuration::from_hours(24 * 100) + SignedDuration::from_secs(1));
    load(&mut state, Table::Builds, vec![building]);
    assert!(picture(&state, 120, 40).contains("99d ago"));
    state.now = now() + SignedDuration::from_secs(9 * 60 + 2);
    let picture = picture(&state, 120, 40);
    assert!(picture.contains("10m 01s   100d ago"), "{picture}");
}

#[test]
fn m07_a_title_counts_the_regions_that_have_come() {
    testing::run(0, |scheduler| {
        let mut state = state();
        let mut bridge = TestBridge::new(scheduler);
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let panel = &mut state.panels[Table::Builds];
        panel.fetch(workers.worker("builds"), &bridge.handle(), |cx, _| {
            let regions = [1, 5, 9].map(Duration::from_secs);
            cx.map(regions, 3, WorkerContext::sleep).into_iter().collect::<Result<Vec<_>, _>>()?;
            Ok(())
        });
        bridge.run_until_idle(panel).expect("the loop goes on");
        let title =
            |state: &State, width| picture(state, width, 30).lines().nth(1).map(str::to_owned).unwrap();
        assert!(title(&state, 100).contains("Builds ⠋ 0/3 regions ─"));
        let panel = &mut state.panels[Table::Builds];
        bridge.advance(panel, Duration::from_secs(6)).expect("the loop goes on");
        assert!(title(&state, 100).contains("Builds ⠋ 2/3 regions ─"));
        assert!(title(&state, 50).contains("Builds ⠋ 2/3 ─"));
        let panel = &mut state.panels[Table::Builds];
        bridge.advance(panel, Duration::from_secs(6)).expect("the loop goes on");
        assert!(title(&state, 100).contains("Builds ─"));
    });
}

#[test]
fn m06_the_age_of_the_rows_never_cuts_an_error() {
    let mut state = state();
    let mut partial = Batch::complete(vec![build("aaaaaaaa", "SUCCESS", 8)], now());
    partial.failed.push(PartError {
        region: None,
        extent: Extent::Some,
        error: SourceError::new(ErrorKind::Denied, "page 2 is missing"),
    });
    fetched(&mut state.panels[Table::Builds], Ok(partial));
    for seconds in [0, 9, 10, 59, 60, 3_600, 360_000, 90_000_000] {
        state.now = now() + SignedDuration::from_secs(seconds);
        for width in 46..80 {
            let picture = picture(&state, width, 20);
            let title = picture.lines().nth(1).expect("a title");
            assert!(title.contains("missing"), "{title}");
            assert_eq!(title.contains(" ago"), width > 55, "however long it is: {title}");
        }
    }
}

#[test]
fn m06_the_header_counts_down_to_the_next_refresh() {
    let mut state = state();
    let header = |state: &State| picture(state, 100, 12).lines().next().map(str::to_owned).unwrap();
    assert!(header(&state).contains("auto-refresh 30s · 10:00:00 UTC"));
    for (milliseconds, shown) in [(30_000, "30s"), (17_001, "18s"), (1, "1s"), (-1, "0s")] {
        state.next_refresh = Some(now() + SignedDuration::from_millis(milliseconds));
        let header = header(&state);
        assert!(header.contains(&format!("auto-refresh 30s · next in {shown} · 10:00:00 UTC")), "{header}");
    }
}
