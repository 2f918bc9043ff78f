//! [`Comparison`]: measures ours and its peers in turns.
//!
//! In each round ours and every peer run once, in the opposite order of the round before. The ratio
//! of a line is the median of the rounds' ratios, not the ratio of the medians: while the machine
//! is slow, both sides of a round are slow and the ratio stays the same; of the medians, one may
//! move and the other not.

use std::array;

use crate::measure::{Effort, median, quantile};
use crate::table::Line;

/// Runs one round and returns its figure.
type Round<'a> = Box<dyn FnMut() -> f64 + 'a>;

struct Peer<'a> {
    name: &'static str,
    /// The target for the ratio of our figure to the peer's. `None`: for information only.
    limit: Option<f64>,
    round: Round<'a>,
}

/// Ours, and the peers that it is compared with.
pub(crate) struct Comparison<'a> {
    ours: Round<'a>,
    peers: Vec<Peer<'a>>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn of(ours: impl FnMut() -> f64 + 'a) -> Self {
        Self { ours: Box::new(ours), peers: Vec::new() }
    }

    /// Adds a peer. Our figure may be at most `limit` times the peer's.
    pub(crate) fn peer_with_limit(
        self,
        name: &'static str,
        limit: f64,
        round: impl FnMut() -> f64 + 'a,
    ) -> Self {
        self.with(Peer { name, limit: Some(limit), round: Box::new(round) })
    }

    /// Adds a peer without a target.
    pub(crate) fn peer(self, name: &'static str, round: impl FnMut() -> f64 + 'a) -> Self {
        self.with(Peer { name, limit: None, round: Box::new(round) })
    }

    fn with(mut self, peer: Peer<'a>) -> Self {
        self.peers.push(peer);
        self
    }

    /// Runs all rounds. Returns one line for each peer.
    pub(crate) fn run(mut self, effort: Effort) -> Vec<Line> {
        self.round(Order::Forwards); // to warm up
        let rounds: Vec<_> = (0..effort.rounds()).map(|number| self.round(Order::of(number))).collect();
        let ours: Vec<f64> = rounds.iter().map(|round| round[0]).collect();
        let line = |(at, peer): (usize, &Peer)| {
            let theirs: Vec<f64> = rounds.iter().map(|round| round[at + 1]).collect();
            let ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(ours, theirs)| ours / theirs).collect();
            Line::Versus {
                ours: median(&ours),
                peer: peer.name,
                theirs: median(&theirs),
                ratios: array::from_fn(|quarter| quantile(&ratios, [0.25, 0.5, 0.75][quarter])),
                limit: peer.limit,
            }
        };
        self.peers.iter().enumerate().map(line).collect()
    }

    /// The figures of one round: ours, then the peers'.
    fn round(&mut self, order: Order) -> Vec<f64> {
        let mut runs: Vec<_> = std::iter::once(&mut self.ours)
            .chain(self.peers.iter_mut().map(|peer| &mut peer.round))
            .collect();
        match order {
            Order::Forwards => runs.into_iter().map(|run| run()).collect(),
            Order::Backwards => {
                let mut figures: Vec<_> = runs.iter_mut().rev().map(|run| run()).collect();
                figures.reverse();
                figures
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Order {
    Forwards,
    Backwards,
}

impl Order {
    fn of(round: usize) -> Self {
        if round.is_multiple_of(2) { Self::Forwards } else { Self::Backwards }
    }
}
