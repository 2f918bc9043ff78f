//! What the screen needs.

/// What the screen needs, from nothing to everything: what comes later includes what comes before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScreenRequest {
    /// Nothing: it shows the state as it is.
    #[default]
    None,
    /// To be drawn: the state has changed.
    Redraw,
    /// To be drawn as if it were blank: something else may have written on it.
    RedrawAll,
    /// To be taken again: somebody else has had the terminal meanwhile.
    Reacquire,
    /// To be given back while the process is stopped.
    Suspend,
}
