use super::*;

fn ascii(state: &State, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    let theme = Theme::colored().with_charset(Charset::Ascii);
    terminal.draw(|frame| render(frame, state, theme)).expect("drawn");
    terminal.backend().to_string()
}

fn busy() -> State {
    let mut state = loaded();
    let jobs = vec![
        job("訓練-job", None),
        job("naïve", Some("quota exceeded in us-east4 for custom_model_training_cpus")),
    ];
    load(&mut state, Table::Vertex, jobs);
    fail(&mut state, Table::Active, "no network");
    state.toasts.push(Severity::Error, Some(Table::Active), "Error loading active: no network");
    state
}

#[test]
fn a_terminal_without_unicode() {
    insta::assert_snapshot!(ascii(&busy(), 100, 30));
}

#[test]
fn nothing_but_ascii_is_drawn_whatever_is_open() {
    let mut state = busy();
    for open in [Action::Close, Action::Help, Action::ShowLog, Action::ShowError, Action::Open] {
        let _tables = [Action::Close, open].map(|action| state.apply(action));
        for (width, height) in [(20, 5), (40, 10), (80, 24), (200, 60)] {
            let picture = ascii(&state, width, height);
            assert!(picture.is_ascii(), "{picture}");
        }
    }
}

#[test]
fn the_spinner_turns() {
    testing::run(0, |scheduler| {
        let mut state = state();
        let bridge = TestBridge::new(scheduler);
        let workers = WorkerManager::builder().clock(scheduler.clock()).build();
        let worker = workers.worker("builds");
        state.panels[Table::Builds].fetch(worker, &bridge.handle(), |_, _| unreachable!("cancelled first"));
        let mut frames = String::new();
        for turns in 0..5 {
            state.spinner = turns;
            let picture = ascii(&state, 80, 24);
            let title = picture.lines().nth(1).expect("a title");
            frames.push(title.chars().nth("\"> Builds ".len()).expect("a spinner"));
        }
        assert_eq!(frames, "|/-\\|");
    });
}
