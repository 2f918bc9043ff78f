//! [`action_at`]: what a click or a turn of the wheel means, by what is drawn there.

use ratatui::layout::{Position, Rect};

use super::{layout, table, toasts, too_small};
use crate::app::{Action, Overlay, State};
use crate::input::{Mouse, MouseKind};
use crate::model::Table;

/// How many rows or lines one turn of the wheel moves.
const STEP: i16 = 3;

/// What the mouse asks for on the screen that was drawn last.
pub fn action_at(mouse: Mouse, state: &State) -> Option<Action> {
    let area = Rect::new(0, 0, state.screen.0, state.screen.1);
    if too_small::is_too_small(area) {
        return None;
    }
    let rows = match mouse.kind {
        MouseKind::Click => 0,
        MouseKind::WheelUp => -STEP,
        MouseKind::WheelDown => STEP,
    };
    if !matches!(state.overlay, Overlay::None) {
        return (rows != 0).then_some(Action::Move(rows));
    }
    let position = Position { x: mouse.column, y: mouse.line };
    let [_, middle, _] = layout::bands(area);
    if toasts::place(middle, state).contains(position) {
        return None;
    }
    let areas = layout::areas(middle, state);
    let table = Table::ALL.into_iter().find(|table| areas[*table].contains(position))?;
    match mouse.kind {
        MouseKind::Click => Some(table::action_at(areas[table], position, state, table)),
        MouseKind::WheelUp | MouseKind::WheelDown => Some(Action::MoveIn(table, rows)),
    }
}
