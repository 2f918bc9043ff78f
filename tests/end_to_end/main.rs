//! The monitor as a user meets it: its output, its screen, its end; and the whole framework at work behind a UI.

mod foreign;
mod framework;
mod live;
mod once;
mod screen;
mod tidy;
