//! The rows of the table, each measured in a module of its own.

mod call;
mod cancelled;
mod children;
mod delay;
mod fan_out;
mod flood;
mod frames;
mod latency;
mod life;
mod limit;
mod memory;
mod message;
mod post;
mod resource;
mod restart;
mod retry;
mod start;
mod task;

use crate::measure::Effort;
use crate::table::Line;

pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) measure: fn(Effort) -> Vec<Line>,
}

pub(crate) const ALL: &[Row] = &[
    Row { name: "call round trip", measure: call::from_a_worker },
    Row { name: "call round trip, one core", measure: call::on_one_core },
    Row { name: "call round trip, no worker", measure: call::from_a_thread },
    Row { name: "post, 1 thread", measure: |effort| post::from_threads(effort, 1) },
    Row { name: "post, 4 threads", measure: |effort| post::from_threads(effort, 4) },
    Row { name: "post, 1 worker", measure: |effort| post::from_workers(effort, 1) },
    Row { name: "post, 4 workers", measure: |effort| post::from_workers(effort, 4) },
    Row { name: "post, same thread", measure: post::from_the_ui_thread },
    Row { name: "100,000 lives with events", measure: life::measure },
    Row { name: "start + wait", measure: start::measure },
    Row { name: "start + wait, one core", measure: start::on_one_core },
    Row { name: "is_cancelled", measure: cancelled::measure },
    Row { name: "exclusive restart, pending", measure: restart::of_pending },
    Row { name: "exclusive restart, running", measure: restart::of_running },
    Row { name: "start, limited", measure: limit::measure },
    Row { name: "start, delayed", measure: delay::of_a_start },
    Row { name: "exclusive restart, delayed", measure: delay::of_a_restart },
    Row { name: "end of a child", measure: children::measure },
    Row { name: "map over 1,000 no-ops", measure: fan_out::measure },
    Row { name: "retry, after two errors", measure: retry::measure },
    Row { name: "set_message", measure: message::measure },
    Row { name: "task", measure: task::measure },
    Row { name: "memory of a pending worker", measure: memory::measure },
    Row { name: "frame interval in a flood, p99", measure: flood::measure },
    Row { name: "CPU of a post in a flood, framed", measure: frames::in_a_flood },
    Row { name: "fetch of a resource", measure: resource::fetch },
    Row { name: "latency of a post, p99", measure: latency::of_a_post },
    Row { name: "latency of an event, p99", measure: latency::of_an_event },
];
