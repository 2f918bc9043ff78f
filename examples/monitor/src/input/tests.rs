use std::collections::HashSet;

use super::*;

fn press(code: KeyCode) -> Input<'static> {
    press_with(code, KeyModifiers::NONE)
}

fn press_with(code: KeyCode, modifiers: KeyModifiers) -> Input<'static> {
    map_key(&KeyEvent::new(code, modifiers), Mode::Commands)
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
        (KeyCode::Char('/'), Action::OpenFilter),
        (KeyCode::Char('s'), Action::SortByNext),
        (KeyCode::Char('S'), Action::TurnSort),
        (KeyCode::Char('z'), Action::ToggleZoom),
        (KeyCode::Char('1'), Action::GoTo(Table::Builds)),
        (KeyCode::Char('5'), Action::GoTo(Table::Completed)),
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
    let codes = |of: fn(&Binding) -> &'static [(KeyCode, Action)]| {
        let codes: Vec<_> = BINDINGS.iter().flat_map(of).map(|(code, _)| *code).collect();
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
    };
    codes(|binding| binding.codes);
    codes(|binding| binding.typing);
    let control = BINDINGS.iter().flat_map(|binding| binding.with_control).map(|(c, _)| c);
    let typing = BINDINGS.iter().flat_map(|binding| binding.typing_with_control).map(|(c, _)| c);
    let control: Vec<_> = control.chain(typing).collect();
    assert_eq!(control.iter().collect::<HashSet<_>>().len(), control.len());
}

#[test]
fn the_footer_has_an_order() {
    let hints: Vec<Hint> = BINDINGS.iter().flat_map(|binding| binding.hints).copied().collect();
    let footer = |place| match place {
        Place::Tables | Place::Error | Place::Filtered => 0,
        Place::Popup | Place::Row => 1,
        Place::Filter => 2,
    };
    let ranks: HashSet<_> = hints.iter().map(|hint| (footer(hint.place), hint.rank)).collect();
    assert_eq!(ranks.len(), hints.len(), "no two of one footer have the same rank");
}

#[test]
fn a_pasted_text_commands_nothing() {
    assert_eq!(map_event(&Event::Paste("qqq".to_owned()), Mode::Commands), Input::Ignored);
}

#[test]
fn after_a_new_size_and_after_another_programs_focus_every_cell_is_drawn() {
    assert_eq!(map_event(&Event::Resize(80, 24), Mode::Commands), Input::Screen(ScreenRequest::RedrawAll));
    assert_eq!(map_event(&Event::FocusGained, Mode::Commands), Input::Screen(ScreenRequest::RedrawAll));
    assert_eq!(map_event(&Event::FocusLost, Mode::Commands), Input::Ignored);
}

#[test]
fn letting_a_key_go_is_no_second_press() {
    let release = KeyEvent { kind: KeyEventKind::Release, ..KeyEvent::from(KeyCode::Char('a')) };
    assert_eq!(map_event(&Event::Key(release), Mode::Commands), Input::Ignored);
    let held = KeyEvent { kind: KeyEventKind::Repeat, ..KeyEvent::from(KeyCode::Down) };
    assert_eq!(map_event(&Event::Key(held), Mode::Commands), Input::Action(Action::Move(1)));
}

#[test]
fn control_l_draws_anew_and_control_z_suspends() {
    let control = |c| press_with(KeyCode::Char(c), KeyModifiers::CONTROL);
    assert_eq!(control('l'), Input::Screen(ScreenRequest::RedrawAll));
    assert_eq!(control('z'), Input::Screen(ScreenRequest::Suspend));
    assert_eq!(control('c'), Input::Action(Action::Quit));
    assert_eq!(control('q'), Input::Ignored);
}

#[test]
fn m01_while_a_filter_is_typed_keys_are_text_but_for_those_that_edit_or_leave() {
    let typed = |code, modifiers| map_key(&KeyEvent::new(code, modifiers), Mode::Typing);
    let edit = |edit| Input::Action(Action::EditFilter(edit));
    for binding in BINDINGS {
        for (code, _) in binding.codes {
            if let KeyCode::Char(c) = code {
                assert_eq!(typed(*code, KeyModifiers::NONE), edit(InputRequest::InsertChar(*c)));
            }
        }
    }
    assert_eq!(typed(KeyCode::Tab, KeyModifiers::NONE), Input::Ignored);
    assert_eq!(typed(KeyCode::Left, KeyModifiers::NONE), edit(InputRequest::GoToPrevChar));
    assert_eq!(typed(KeyCode::Backspace, KeyModifiers::NONE), edit(InputRequest::DeletePrevChar));
    assert_eq!(typed(KeyCode::Char('u'), KeyModifiers::CONTROL), edit(InputRequest::DeleteLine));
    assert_eq!(typed(KeyCode::Enter, KeyModifiers::NONE), Input::Action(Action::KeepFilter));
    assert_eq!(typed(KeyCode::Esc, KeyModifiers::NONE), Input::Action(Action::ClearFilter));
    assert_eq!(typed(KeyCode::Char('c'), KeyModifiers::CONTROL), Input::Action(Action::Quit));
    assert_eq!(typed(KeyCode::Char('r'), KeyModifiers::CONTROL), Input::Ignored);
    assert_eq!(press_with(KeyCode::Char('u'), KeyModifiers::CONTROL), Input::Ignored);
    assert_eq!(map_event(&Event::Paste("qqq".to_owned()), Mode::Typing), Input::Paste("qqq"));
}

#[test]
fn m12_the_left_button_and_the_wheel_mean_something() {
    let mouse = |kind| {
        let event = MouseEvent { kind, column: 7, row: 3, modifiers: KeyModifiers::NONE };
        map_mouse(event)
    };
    let at = |kind| Input::Mouse(Mouse { kind, column: 7, line: 3 });
    assert_eq!(mouse(MouseEventKind::Down(MouseButton::Left)), at(MouseKind::Click));
    assert_eq!(mouse(MouseEventKind::ScrollUp), at(MouseKind::WheelUp));
    assert_eq!(mouse(MouseEventKind::ScrollDown), at(MouseKind::WheelDown));
    for ignored in [MouseEventKind::Down(MouseButton::Right), MouseEventKind::Up(MouseButton::Left)] {
        assert_eq!(mouse(ignored), Input::Ignored);
    }
}
