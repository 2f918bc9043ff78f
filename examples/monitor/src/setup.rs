//! From the command line and the environment to a source and its clock.

use std::env;
use std::sync::Arc;

use worker_core::SystemClock;

use crate::app::Settings;
use crate::cli::{Cli, SourceKind};
use crate::model::Caps;
use crate::source::Source;
use crate::sources::live::wandb::{DEFAULT_BASE_URL, KeySources};
use crate::sources::live::{GcloudConfig, WandbConfig};
use crate::sources::{Demo, Live, demo};
use crate::wall_clock::WallClock;

/// What the monitor works with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where the rows come from.
    pub source: Arc<dyn Source>,
    /// The time of day by which the source's rows are told.
    pub wall_clock: WallClock,
    /// What the screen shows of the command line.
    pub settings: Settings,
}

/// Reads the environment, once, and makes the source that the command line asks for. Contacts nobody.
pub fn setup(cli: &Cli) -> Setup {
    let caps = cli.rows.map_or_else(Caps::default, Caps::all);
    match cli.source {
        SourceKind::Demo => {
            let wall_clock = WallClock::starting_at(demo::EPOCH, Arc::new(SystemClock));
            let source = Arc::new(Demo::new(cli.seed, cli.rows, wall_clock.clone()));
            Setup { source, wall_clock, settings: settings(cli, caps, format!("demo, seed {}", cli.seed)) }
        }
        SourceKind::Live => {
            let wall_clock = WallClock::system();
            let gcloud = GcloudConfig {
                project: cli.project.clone(),
                regions: unique(&cli.regions),
                job: cli.job.clone(),
                caps,
                wall_clock: wall_clock.clone(),
                ..GcloudConfig::default()
            };
            let wandb = WandbConfig {
                base_url: variable("WANDB_BASE_URL").unwrap_or_else(|| DEFAULT_BASE_URL.to_owned()),
                entity: cli.entity.clone().or_else(|| variable("WANDB_ENTITY")),
                project: cli.wandb_project.clone().or_else(|| variable("WANDB_PROJECT")),
                keys: KeySources::from_env(),
                caps,
                wall_clock: wall_clock.clone(),
                ..WandbConfig::default()
            };
            let name = described(&gcloud, &wandb);
            Setup {
                source: Arc::new(Live::new(gcloud, wandb)),
                wall_clock,
                settings: settings(cli, caps, name),
            }
        }
    }
}

fn settings(cli: &Cli, caps: Caps, source: String) -> Settings {
    Settings { source, refresh: cli.refresh, caps }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// A region named twice is asked once.
fn unique(regions: &[String]) -> Vec<String> {
    let mut unique: Vec<String> = Vec::with_capacity(regions.len());
    for region in regions {
        if !unique.contains(region) {
            unique.push(region.clone());
        }
    }
    unique
}

fn described(gcloud: &GcloudConfig, wandb: &WandbConfig) -> String {
    let mut parts = vec!["live".to_owned()];
    parts.extend(gcloud.project.clone());
    if !gcloud.regions.is_empty() {
        parts.push(gcloud.regions.join(", "));
    }
    if let (Some(entity), Some(project)) = (&wandb.entity, &wandb.project) {
        parts.push(format!("W&B {entity}/{project}"));
    }
    parts.join(" · ")
}
