//! [`Turns`]: a clock and scheduler that lets one thread run at a time.
//!
//! # Invariants
//!
//! 1. A *member* is the test's thread, or a thread made through this clock. At most one member has
//!    the turn; the others wait in `await_turn`. It gives the turn away when it parks, passes a
//!    checkpoint or ends, and nowhere else.
//! 2. What a choice depends on (the members in the order of their making, who is ready, the time,
//!    the rng) is changed by the member that has the turn. So the same seed makes the same
//!    choices.
//! 3. If no member is ready the turn goes back to the test's thread, which moves the time, returns,
//!    or panics with a report.
//! 4. Once released, always released: every thread runs freely, and parks as with a manual clock.
//!
//! Lock order: the state, then the manual clock's. No thread is handed the turn, and no user code
//! runs, under either.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crate::sync::blocking::block_until;
use crate::sync::clock::Clock;
use crate::sync::counter::Counter;
use crate::sync::manual_clock::ManualClock;
use crate::sync::primitives::process::{Condvar, Mutex, MutexGuard, thread_local};
use crate::sync::primitives::thread::{self, Thread, ThreadId};
use crate::sync::scheduler::{ExpectedThread, Scheduler};
use crate::worker::current::current_worker;

/// How long a member may keep the turn, in real time, before it counts as blocked elsewhere.
const TURN_TIMEOUT: Duration = Duration::from_secs(30);

/// A test that takes more turns has no end.
const MAX_TURNS: u64 = 1_000_000;

/// The test's thread.
const TEST: MemberId = MemberId(0);

pub(super) struct Turns {
    /// Tells the schedulers of a process apart.
    id: u64,
    this: Weak<Self>,
    seed: u64,
    start: Instant,
    /// Keeps the time, and the threads that are no members.
    time: ManualClock,
    state: Mutex<State>,
}

struct State {
    rng: fastrand::Rng,
    /// In the order of their making.
    members: Vec<Member>,
    made: usize,
    /// How many threads were asked for.
    asked: usize,
    refuse: Option<Refuse>,
    turn: Turn,
    turns_taken: u64,
}

/// Whether the thread of this number cannot be made, and how long it takes to find out.
pub(super) type Refuse = Box<dyn FnMut(usize) -> Option<Duration> + Send>;

/// A member's number, in the order of their making.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct MemberId(usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Of(MemberId),
    /// No member can run: the test's thread moves the time, or fails.
    Stuck,
    /// There are no turns any more.
    Released,
}

struct Member {
    number: MemberId,
    /// Known once the thread is made.
    thread: Option<ThreadId>,
    name: String,
    status: Status,
    /// An unpark that came while it was not parked.
    token: bool,
    granted: Arc<Condvar>,
}

enum Status {
    /// Runs, or could.
    Ready,
    Parked {
        deadline: Option<Instant>,
        /// The worker whose body it is in.
        inside: Option<String>,
    },
}

/// Why a member that awaited its turn goes on.
#[must_use]
#[derive(PartialEq, Eq)]
enum Granted {
    /// It has the turn.
    Turn,
    /// It is the test's thread, and no member can run.
    Stuck,
}

thread_local! {
    /// The scheduler that the thread is a member of, and its number there.
    static SCHEDULED: Cell<Option<(u64, MemberId)>> = const { Cell::new(None) };
}

impl Turns {
    /// The calling thread is the test's, and has the turn.
    pub(super) fn new(seed: u64) -> Arc<Self> {
        static IDS: Counter = Counter::new();
        let id = IDS.next();
        let time = ManualClock::new();
        let mut state = State {
            rng: fastrand::Rng::with_seed(seed),
            members: Vec::new(),
            made: 0,
            asked: 0,
            refuse: None,
            turn: Turn::Of(TEST),
            turns_taken: 0,
        };
        state.join("the test's thread".to_owned(), Some(thread::current().id()));
        SCHEDULED.set(Some((id, TEST)));
        let start = time.now();
        Arc::new_cyclic(|this| Self { id, this: this.clone(), seed, start, time, state: Mutex::new(state) })
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.time.now() - self.start
    }

    pub(super) fn jump_to(&self, time: Instant) {
        self.time.advance(time.saturating_duration_since(self.time.now()));
    }

    /// The earliest deadline that a thread other than the test's waits for.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let state = self.state.lock();
        let others = state.members.iter().filter(|member| member.number != TEST).filter_map(Member::deadline);
        others.chain(self.time.next_deadline()).min()
    }

    /// See [`TestScheduler::let_others_run`](super::TestScheduler::let_others_run).
    pub(super) fn let_others_run(&self) -> bool {
        let mut state = self.state.lock();
        if self.me() != Some(TEST) || state.turn != Turn::Of(TEST) {
            return false;
        }
        if !state.member(TEST).park(None) {
            return true;
        }
        self.pass_turn(&mut state);
        let unparked = self.await_turn(&mut state, TEST) == Granted::Turn;
        if !unparked {
            state.grant(TEST);
        }
        unparked
    }

    /// # Panics
    ///
    /// If there is a member beside the test's thread.
    pub(super) fn assert_no_members_left(&self) {
        let state = self.state.lock();
        if state.members.len() > 1 {
            let report = self.report(&state, "the test is over and work is left");
            drop(state);
            panic!("{report}");
        }
    }

    /// Ends the turns.
    pub(super) fn release(&self) {
        let mut state = self.state.lock();
        state.turn = Turn::Released;
        state.members.iter().for_each(|member| _ = member.granted.notify_one());
        drop(state);
        SCHEDULED.set(None);
    }

    pub(super) fn refuse_threads(&self, refuse: Refuse) {
        self.state.lock().refuse = Some(refuse);
    }

    /// Whether the next thread cannot be made, and how long it takes to find out.
    fn refused(&self) -> Option<Duration> {
        let mut state = self.state.lock();
        let number = state.asked;
        state.asked += 1;
        state.refuse.as_mut().and_then(|refuse| refuse(number))
    }

    fn expect(&self) -> io::Result<Expected> {
        if let Some(delay) = self.refused() {
            block_until(self, Some(self.now() + delay), || None::<()>);
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let number = self.state.lock().join(String::new(), None);
        Ok(Expected { turns: self.this.upgrade(), number })
    }

    fn me(&self) -> Option<MemberId> {
        let (scheduler, number) = SCHEDULED.try_with(Cell::get).ok().flatten()?;
        (scheduler == self.id).then_some(number)
    }

    /// Gives the turn to a member that can run, chosen by the seed.
    fn pass_turn(&self, state: &mut State) {
        let now = self.time.now();
        let ready = || state.members.iter().filter(|member| member.is_ready(now));
        let count = ready().count();
        if state.turns_taken >= MAX_TURNS || count == 0 {
            state.turn = Turn::Stuck;
            state.member(TEST).granted.notify_one();
            return;
        }
        let chosen = ready().nth(state.rng.usize(..count)).map_or(TEST, |member| member.number);
        state.grant(chosen);
    }

    /// Blocks until `me` is granted the turn. The test's thread checks the others for progress
    /// meanwhile.
    fn await_turn(&self, state: &mut MutexGuard<'_, State>, me: MemberId) -> Granted {
        loop {
            match state.turn {
                Turn::Of(number) if number == me => return Granted::Turn,
                Turn::Released => return Granted::Turn,
                Turn::Stuck if me == TEST => {
                    if state.turns_taken >= MAX_TURNS {
                        self.fail(state, "there is no end after a million turns");
                    }
                    return Granted::Stuck;
                }
                turn => {
                    let (granted, taken) = (state.member(me).granted.clone(), state.turns_taken);
                    if me != TEST {
                        granted.wait(state);
                    } else if granted.wait_for(state, TURN_TIMEOUT).timed_out()
                        && state.turn == turn
                        && state.turns_taken == taken
                    {
                        self.fail(
                            state,
                            "a thread has kept its turn for half a minute: it blocks on something that the scheduler does not see",
                        );
                    }
                }
            }
        }
    }

    /// Ends the turns and panics on the test's thread.
    fn fail(&self, state: &mut MutexGuard<'_, State>, what: &str) -> ! {
        let report = self.report(state, what);
        state.turn = Turn::Released;
        state.members.iter().for_each(|member| _ = member.granted.notify_one());
        MutexGuard::unlocked(state, || panic!("{report}"))
    }

    fn report(&self, state: &State, what: &str) -> String {
        let now = self.time.now();
        let members = state.members.iter().map(|member| {
            let turn = if state.turn == Turn::Of(member.number) { ", has the turn" } else { "" };
            format!("\n  {}{turn}{}", member.name, member.status.describe(now))
        });
        format!("{what} (seed {}){}", self.seed, members.collect::<String>())
    }
}

impl Clock for Turns {
    fn now(&self) -> Instant {
        self.time.now()
    }

    fn park_until(&self, deadline: Option<Instant>) {
        let mut state = self.state.lock();
        let me = self.me();
        let Some(me) = me.filter(|me| state.turn == Turn::Of(*me)) else {
            let unparked = me.is_some_and(|me| state.take_token(me));
            drop(state);
            if !unparked {
                self.time.park_until(deadline);
            }
            return;
        };
        if !state.member(me).park(deadline) {
            return;
        }
        self.pass_turn(&mut state);
        while self.await_turn(&mut state, me) == Granted::Stuck {
            let members = state.members.iter().filter_map(Member::deadline);
            let Some(next) = members.chain(self.time.next_deadline()).min() else {
                self.fail(
                    &mut state,
                    "the test's thread waits, everything is parked, and no deadline will come",
                )
            };
            self.jump_to(next);
            self.pass_turn(&mut state);
        }
    }

    fn scheduler(&self) -> Option<&dyn Scheduler> {
        Some(self)
    }
}

impl Scheduler for Turns {
    fn unpark(&self, thread: &Thread) {
        let mut state = self.state.lock();
        let known = state.members.iter_mut().find(|member| member.thread == Some(thread.id()));
        match known {
            Some(member) => member.unpark(),
            None => thread.unpark(),
        }
        if state.turn == Turn::Released {
            thread.unpark();
        }
    }

    fn spawn(&self, thread: thread::Builder, main: Box<dyn FnOnce() + Send>) -> io::Result<Thread> {
        let expected = self.expect()?;
        let number = expected.number;
        let mut main = Some(main);
        let made = thread.spawn(move || {
            Box::new(expected).run(&mut || main.take().into_iter().for_each(|main| main()));
        })?;
        self.state.lock().introduce(number, made.thread());
        Ok(made.thread().clone())
    }

    fn expect_thread(&self) -> io::Result<Box<dyn ExpectedThread>> {
        Ok(Box::new(self.expect()?))
    }

    fn hands_out_turns(&self) -> bool {
        self.state.lock().turn != Turn::Released
    }

    fn checkpoint(&self) {
        let mut state = self.state.lock();
        // A thread that unwinds must not meet a second panic.
        let Some(me) = self.me().filter(|me| state.turn == Turn::Of(*me) && !thread::panicking()) else {
            return;
        };
        self.pass_turn(&mut state);
        let _ = self.await_turn(&mut state, me);
    }
}

impl State {
    fn join(&mut self, name: String, thread: Option<ThreadId>) -> MemberId {
        let number = MemberId(self.made);
        self.made += 1;
        let granted = Arc::default();
        self.members.push(Member { number, thread, name, status: Status::Ready, token: false, granted });
        number
    }

    /// Names the thread of a number. If it has ended meanwhile, nothing happens.
    fn introduce(&mut self, number: MemberId, thread: &Thread) {
        if let Some(member) = self.members.iter_mut().find(|member| member.number == number) {
            member.thread = Some(thread.id());
            thread.name().unwrap_or("a thread without a name").clone_into(&mut member.name);
        }
    }

    /// Whether a member was unparked while there were turns, and has not parked since.
    fn take_token(&mut self, number: MemberId) -> bool {
        let member = self.members.iter_mut().find(|member| member.number == number);
        member.is_some_and(|member| std::mem::take(&mut member.token))
    }

    fn leave(&mut self, number: MemberId) {
        self.members.retain(|member| member.number != number);
    }

    fn grant(&mut self, number: MemberId) {
        self.turns_taken += 1;
        self.turn = Turn::Of(number);
        let member = self.member(number);
        member.status = Status::Ready;
        member.granted.notify_one();
    }

    fn member(&mut self, number: MemberId) -> &mut Member {
        let found = self.members.iter_mut().find(|member| member.number == number);
        found.expect("a member stays until its thread ends")
    }
}

impl Member {
    fn is_ready(&self, now: Instant) -> bool {
        match &self.status {
            Status::Ready => true,
            Status::Parked { deadline, .. } => deadline.is_some_and(|deadline| deadline <= now),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match &self.status {
            Status::Ready => None,
            Status::Parked { deadline, .. } => *deadline,
        }
    }

    /// False if it was unparked before.
    #[must_use]
    fn park(&mut self, deadline: Option<Instant>) -> bool {
        let parks = !std::mem::take(&mut self.token);
        if parks {
            let inside = current_worker().ok().map(|worker| worker.to_string());
            self.status = Status::Parked { deadline, inside };
        }
        parks
    }

    fn unpark(&mut self) {
        match self.status {
            Status::Ready => self.token = true,
            Status::Parked { .. } => self.status = Status::Ready,
        }
    }
}

impl Status {
    fn describe(&self, now: Instant) -> String {
        match self {
            Self::Ready => String::new(),
            Self::Parked { deadline, inside } => {
                let inside = inside.as_ref().map(|worker| format!(" in {worker}")).unwrap_or_default();
                let until = match deadline {
                    Some(deadline) => format!(" for {:?}", deadline.saturating_duration_since(now)),
                    None => String::new(),
                };
                format!(": parked{until}{inside}")
            }
        }
    }
}

/// A member whose thread has not begun. If that cannot be made, this is dropped, and the member
/// leaves.
struct Expected {
    turns: Option<Arc<Turns>>,
    number: MemberId,
}

impl ExpectedThread for Expected {
    fn run(mut self: Box<Self>, main: &mut dyn FnMut()) {
        let turns = self.turns.take();
        let _guard = turns.as_ref().map(|turns| MemberGuard::enter(turns, self.number));
        main();
    }
}

impl Drop for Expected {
    fn drop(&mut self) {
        if let Some(turns) = &self.turns {
            turns.state.lock().leave(self.number);
        }
    }
}

/// A member's place, from the beginning of its thread to its end.
struct MemberGuard<'a> {
    turns: &'a Turns,
    number: MemberId,
}

impl<'a> MemberGuard<'a> {
    /// Blocks until the thread has its first turn.
    fn enter(turns: &'a Turns, number: MemberId) -> Self {
        SCHEDULED.set(Some((turns.id, number)));
        let mut state = turns.state.lock();
        state.introduce(number, &thread::current());
        let _ = turns.await_turn(&mut state, number);
        Self { turns, number }
    }
}

impl Drop for MemberGuard<'_> {
    fn drop(&mut self) {
        let mut state = self.turns.state.lock();
        state.leave(self.number);
        if state.turn == Turn::Of(self.number) {
            self.turns.pass_turn(&mut state);
        }
    }
}

impl fmt::Debug for Turns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (turn, taken) = {
            let state = self.state.lock();
            (state.turn, state.turns_taken)
        };
        f.debug_struct("Turns")
            .field("seed", &self.seed)
            .field("turn", &turn)
            .field("taken", &taken)
            .finish_non_exhaustive()
    }
}
