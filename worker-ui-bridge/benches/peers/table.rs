//! The table of results: [`Line`], one line of it, and how it is printed.

/// One line of a row.
#[derive(Debug)]
pub(crate) enum Line {
    /// Ours beside a peer's.
    Versus {
        ours: f64,
        peer: &'static str,
        theirs: f64,
        /// The quartiles and the median of the rounds' ratios, in rising order.
        ratios: [f64; 3],
        limit: Option<f64>,
    },
    /// Ours alone, with a limit for it.
    Alone { ours: f64, unit: Unit, what: String, limit: f64 },
    /// The measurement failed.
    Unmeasured { error: String },
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    /// In nanoseconds.
    Time,
    Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Met,
    Missed,
    /// There is no target.
    NoTarget,
}

impl Line {
    /// A failed measurement counts as a missed target.
    pub(crate) fn verdict(&self) -> Verdict {
        match self {
            Self::Versus { limit: None, .. } => Verdict::NoTarget,
            Self::Versus { ratios: [_, ratio, _], limit: Some(limit), .. } => Verdict::of(*ratio, *limit),
            Self::Alone { ours, limit, .. } => Verdict::of(*ours, *limit),
            Self::Unmeasured { .. } => Verdict::Missed,
        }
    }

    /// Describes a missed target.
    pub(crate) fn describe(&self, row: &str) -> String {
        match self {
            Self::Versus { peer, ratios: [_, ratio, _], limit, .. } => {
                format!("{row}: {ratio:.2} × {peer}, not {}", limit.map_or_else(String::new, times))
            }
            Self::Alone { ours, unit, what, limit } => {
                format!("{row} ({what}): {}, not ≤ {}", unit.show(*ours), unit.show(*limit))
            }
            Self::Unmeasured { error } => format!("{row}: {error}"),
        }
    }

    /// Ours, the peer, theirs, the ratio, its quartiles, the target.
    fn cells(&self) -> [String; 6] {
        match self {
            Self::Versus { ours, peer, theirs, ratios: [low, ratio, high], limit } => [
                Unit::Time.show(*ours),
                (*peer).to_owned(),
                Unit::Time.show(*theirs),
                format!("{ratio:.2}"),
                format!("{low:.2} – {high:.2}"),
                limit.map_or_else(String::new, times),
            ],
            Self::Alone { ours, unit, what, limit } => [
                unit.show(*ours),
                format!("({what})"),
                String::new(),
                String::new(),
                String::new(),
                format!("≤ {}", unit.show(*limit)),
            ],
            Self::Unmeasured { error } => {
                ["?".to_owned(), error.clone(), String::new(), String::new(), String::new(), String::new()]
            }
        }
    }
}

impl Verdict {
    fn of(figure: f64, limit: f64) -> Self {
        if figure <= limit { Self::Met } else { Self::Missed }
    }

    fn show(self) -> &'static str {
        match self {
            Self::Met => "ok",
            Self::Missed => "MISSED",
            Self::NoTarget => "",
        }
    }
}

impl Unit {
    fn show(self, figure: f64) -> String {
        match self {
            Self::Bytes => format!("{figure:.0} bytes"),
            Self::Time if figure < 1e3 => format!("{figure:.1} ns"),
            Self::Time if figure < 1e6 => format!("{:.2} µs", figure / 1e3),
            Self::Time => format!("{:.2} ms", figure / 1e6),
        }
    }
}

fn times(limit: f64) -> String {
    format!("≤ {limit:.2} ×")
}

pub(crate) fn print_head() {
    print_line("work", &["ours", "peer", "its", "ratio", "its quartiles", "target"].map(str::to_owned), "");
}

pub(crate) fn print_row(name: &str, lines: &[Line]) {
    for (at, line) in lines.iter().enumerate() {
        print_line(if at == 0 { name } else { "" }, &line.cells(), line.verdict().show());
    }
}

pub(crate) fn print_foot() {
    println!("\nMedians over the rounds; the ratio is the median of the rounds' ratios.");
}

fn print_line(work: &str, [ours, peer, theirs, ratio, quartiles, target]: &[String; 6], verdict: &str) {
    let line = format!(
        "{work:<32} {ours:>10}  {peer:<36} {theirs:>10} {ratio:>7}  {quartiles:<16} {target:<12} {verdict}"
    );
    println!("{}", line.trim_end());
}
