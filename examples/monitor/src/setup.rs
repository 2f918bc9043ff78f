//! [`setup`] and [`setup_profiles`]: from the options and the environment to a [`Source`] and its clock.

use std::env;
use std::sync::Arc;

use worker_core::SystemClock;

use crate::app::{Settings, Switch};
use crate::config::Profile;
use crate::model::Caps;
use crate::options::{Options, SourceKind};
use crate::source::Source;
use crate::sources::live::wandb::{DEFAULT_BASE_URL, KeySources, Settings as WandbSettings};
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
    /// The profiles that can be switched between, this one first.
    pub profiles: Vec<Profile>,
}

impl Setup {
    /// What the monitor runs on after the switch to the next profile; `None` if there is no other.
    pub fn next_profile(&self) -> Option<Self> {
        let mut profiles = self.profiles.clone();
        if profiles.len() < 2 {
            return None;
        }
        profiles.rotate_left(1);
        Some(setup_profiles(profiles))
    }
}

/// As [`setup`], for the first of these profiles.
///
/// # Panics
///
/// If there is none.
pub fn setup_profiles(profiles: Vec<Profile>) -> Setup {
    let mut setup = setup(&profiles[0].options);
    setup.settings.profile.clone_from(&profiles[0].name);
    Setup { profiles, ..setup }
}

/// Reads the environment and creates the source that the options ask for. Contacts no service.
pub fn setup(options: &Options) -> Setup {
    let options = options.clone().or(&Options::defaults());
    let caps = options.rows.map_or_else(Caps::default, Caps::all);
    let settings = |source| Settings {
        source,
        refresh: options.refresh.unwrap_or_default(),
        caps,
        profile: String::new(),
        bell: options.bell.unwrap_or_default(),
    };
    let mouse = if options.mouse == Some(false) { Switch::Off } else { Switch::On };
    match options.source.unwrap_or_default() {
        SourceKind::Demo => {
            let wall_clock = WallClock::starting_at(demo::EPOCH, Arc::new(SystemClock));
            let seed = options.seed.unwrap_or_default();
            let source = Arc::new(Demo::new(seed, options.rows, wall_clock.clone()));
            Setup {
                source,
                wall_clock,
                settings: settings(format!("demo, seed {seed}")),
                mouse,
                profiles: Vec::new(),
            }
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
            let written = WandbSettings::from_usual_place();
            let base_url = variable("WANDB_BASE_URL").or(written.base_url);
            let wandb = WandbConfig {
                base_url: base_url.unwrap_or_else(|| DEFAULT_BASE_URL.to_owned()),
                entity: options.entity.clone().or_else(|| variable("WANDB_ENTITY")).or(written.entity),
                project: options
                    .wandb_project
                    .clone()
                    .or_else(|| variable("WANDB_PROJECT"))
                    .or(written.project),
                keys: KeySources::from_env(),
                caps,
                wall_clock: wall_clock.clone(),
                ..WandbConfig::default()
            };
            let name = described(&gcloud, &wandb);
            Setup {
                source: Arc::new(Live::new(gcloud, wandb)),
                wall_clock,
                settings: settings(name),
                mouse,
                profiles: Vec::new(),
            }
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
