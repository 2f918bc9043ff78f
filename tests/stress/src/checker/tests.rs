//! The checker against histories written by hand.
