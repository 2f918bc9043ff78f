use std::collections::HashSet;

use super::*;

fn press(code: KeyCode) -> Input {
    map_event(&Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

fn press_with(code: KeyCode, modifiers: KeyModifiers) -> Input {
    map_event(&Event::Key(KeyEvent::new(code, modifiers)))
}

#[test]
fn the_keys_people_were_promised() {
    for (code, action) in [
        (KeyCode::Char('q'), Action::CloseOrQuit),
        (KeyCode::Esc, Action::Close),
        (KeyCode::Char('e'), Action::ShowError),
        (KeyCode::Char('m'), Action::ShowLog),
        (KeyCode::Char('n'), Action::StepRow(1)),
        (KeyCode::Char('p'), Action::StepRow(-1)),
        (KeyCode::Char('r'), Action::RefreshAll),
        (KeyCode::Char('R'), Action::RefreshFocused),
        (KeyCode::Char('c'), Action::CancelFetch),
        (KeyCode::Char('w'), Action::ShowWorkers),
        (KeyCode::Char('y'), Action::CopyKey),
        (KeyCode::Char('Y'), Action::CopyUrl),
        (KeyCode::Char('o'), Action::OpenUrl),
        (KeyCode::Char('P'), Action::NextProfile),
        (KeyCode::Char('a'), Action::ToggleAuto),
        (KeyCode::Char('t'), Action::ToggleAutoFocused),
        (KeyCode::Char(' '), Action::ToggleAutoFocused),
        (KeyCode::Tab, Action::NextTable),
        (KeyCode::BackTab, Action::PreviousTable),
        (KeyCode::Up, Action::Move(-1)),
        (KeyCode::Down, Action::Move(1)),
        (KeyCode::PageDown, Action::Move(10)),
        (KeyCode::PageUp, Action::Move(-10)),
        (KeyCode::Home, Action::First),
        (KeyCode::End, Action::Last),
        (KeyCode::Enter, Action::Open),
        (KeyCode::Char('?'), Action::Help),
    ] {
        assert_eq!(press(code), Input::Action(action), "{code:?}");
    }
}

#[test]
fn control_c_leaves_and_other_control_keys_do_nothing() {
    assert_eq!(press_with(KeyCode::Char('c'), KeyModifiers::CONTROL), Input::Action(Action::Quit));
    assert_eq!(press_with(KeyCode::Char('r'), KeyModifiers::CONTROL), Input::Ignored);
    assert_eq!(press_with(KeyCode::Char('q'), KeyModifiers::ALT), Input::Ignored);
}

#[test]
fn shift_arrives_with_capitals_and_with_tab() {
    assert_eq!(press_with(KeyCode::Char('R'), KeyModifiers::SHIFT), Input::Action(Action::RefreshFocused));
    assert_eq!(press_with(KeyCode::Tab, KeyModifiers::SHIFT), Input::Action(Action::PreviousTable));
}

#[test]
fn no_key_means_two_things() {
    let codes: Vec<_> = BINDINGS.iter().flat_map(|binding| binding.codes).map(|(code, _)| *code).collect();
    assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
    let control: Vec<_> = BINDINGS.iter().flat_map(|binding| binding.with_control).map(|(c, _)| c).collect();
    assert_eq!(control.iter().collect::<HashSet<_>>().len(), control.len());
}

#[test]
fn the_footer_has_an_order() {
    let hints: Vec<Hint> = BINDINGS.iter().flat_map(|binding| binding.hints).copied().collect();
    let ranks: HashSet<_> =
        hints.iter().map(|hint| (matches!(hint.place, Place::Popup | Place::Row), hint.rank)).collect();
    assert_eq!(ranks.len(), hints.len(), "no two of one footer have the same rank");
}

#[test]
fn a_pasted_text_commands_nothing() {
    assert_eq!(map_event(&Event::Paste("qqq".to_owned())), Input::Ignored);
}

#[test]
fn after_another_program_had_the_focus_every_cell_is_drawn() {
    assert_eq!(map_event(&Event::Resize(80, 24)), Input::Ignored, "drawn like everything else");
    assert_eq!(map_event(&Event::FocusGained), Input::Screen(ScreenRequest::RedrawAll));
    assert_eq!(map_event(&Event::FocusLost), Input::Ignored);
}

#[test]
fn letting_a_key_go_is_no_second_press() {
    let release = KeyEvent { kind: KeyEventKind::Release, ..KeyEvent::from(KeyCode::Char('a')) };
    assert_eq!(map_event(&Event::Key(release)), Input::Ignored);
    let held = KeyEvent { kind: KeyEventKind::Repeat, ..KeyEvent::from(KeyCode::Down) };
    assert_eq!(map_event(&Event::Key(held)), Input::Action(Action::Move(1)));
}

#[test]
fn control_l_draws_anew_and_control_z_suspends() {
    let control = |c| map_event(&Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)));
    assert_eq!(control('l'), Input::Screen(ScreenRequest::RedrawAll));
    assert_eq!(control('z'), Input::Screen(ScreenRequest::Suspend));
    assert_eq!(control('c'), Input::Action(Action::Quit));
    assert_eq!(control('q'), Input::Ignored);
}
