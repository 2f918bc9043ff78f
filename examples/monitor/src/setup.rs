//! [`setup`]: from the options and the environment to a [`Source`] and its clock.

use std::env;
use std::sync::Arc;

use worker_core::SystemClock;

use crate::app::{Settings, Switch};
use crate::model::Caps;
use crate::options::{Options, SourceKind};
use crate::source::Source;
use crate::sources::live::wandb::{DEFAULT_BASE_URL, KeySources};
use crate::sources::live::{GcloudConfig, WandbConfig};
use crate::sources::{Demo, Live, demo};
use crate::wall_clock::WallClock;

/// What the monitor runs on.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The source of the rows.
    pub source: Arc<dyn Source>,
    /// The clock that the source's times refer to.
    pub wall_clock: WallClock,
    /// The options that the screen needs.
    pub settings: Settings,
    /// Whether the terminal reports the mouse.
    pub mouse: Switch,
}

/// Reads the environment and creates the source that the options ask for. Contacts no service.
pub fn setup(options: &Options) -> Setup {
    let options = options.clone().or(&Options::defaults());
    let caps = options.rows.map_or_else(Caps::default, Caps::all);
    let settings = |source| Settings { source, refresh: options.refresh.unwrap_or_default(), caps };
    let mouse = if options.mouse == Some(false) { Switch::Off } else { Switch::On };
    match options.source.unwrap_or_default() {
        SourceKind::Demo => {
            let wall_clock = WallClock::starting_at(demo::EPOCH, Arc::new(SystemClock));
            let seed = options.seed.unwrap_or_default();
            let source = Arc::new(Demo::new(seed, options.rows, wall_clock.clone()));
            Setup { source, wall_clock, settings: settings(format!("demo, seed {seed}")), mouse }
        }
        SourceKind::Live => {
            let wall_clock = WallClock::system();
            let gcloud = GcloudConfig {
                project: options.project.clone(),
                regions: unique(&options.regions),
                job: options.job.clone().unwrap_or_default(),
                caps,
                wall_clock: wall_clock.clone(),
                ..GcloudConfig::default()
            };
            let wandb = WandbConfig {
                base_url: variable("WANDB_BASE_URL").unwrap_or_else(|| DEFAULT_BASE_URL.to_owned()),
                entity: options.entity.clone().or_else(|| variable("WANDB_ENTITY")),
                project: options.wandb_project.clone().or_else(|| variable("WANDB_PROJECT")),
                keys: KeySources::from_env(),
                caps,
                wall_clock: wall_clock.clone(),
                ..WandbConfig::default()
            };
            let name = described(&gcloud, &wandb);
            Setup { source: Arc::new(Live::new(gcloud, wandb)), wall_clock, settings: settings(name), mouse }
        }
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Drops repeated regions, so that none is queried twice.
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
