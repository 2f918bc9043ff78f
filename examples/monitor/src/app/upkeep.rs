//! What the screen needs.

/// What the screen needs, from nothing to everything: what comes later includes what comes before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Upkeep {
    /// Nothing: it shows the state as it is.
    #[default]
    Nothing,
    /// To be drawn: the state has changed.
    Draw,
    /// To be drawn as if it were blank: something else may have written on it.
    DrawAfresh,
    /// To be taken again: somebody else has had the terminal meanwhile.
    TakeAgain,
    /// To be given back while the process is stopped.
    Suspend,
}
