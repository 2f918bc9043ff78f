//! Names and texts of the demo's rows.

pub(super) const REGIONS: &[&str] = &["us-central1", "us-east4", "europe-west4"];
pub(super) const IMAGES: &[&str] = &["trainer", "launch-agent", "preprocess", "eval-suite", "feature-store"];
pub(super) const QUEUES: &[&str] = &["vertex-queue", "gpu-a100", "gpu-h100", "sweeps"];
pub(super) const JOBS: &[&str] = &["train", "finetune", "eval", "distill", "embed", "sweep"];
pub(super) const MODELS: &[&str] = &["resnet50", "bert-base", "llama-8b", "whisper-s", "vit-l16"];
pub(super) const ADJECTIVES: &[&str] = &[
    "sunny", "misty", "brisk", "quiet", "amber", "crimson", "dainty", "fluent", "golden", "hearty", "iconic",
    "jolly", "lunar", "noble", "polar", "royal", "solar", "vivid", "warm", "zany",
];
pub(super) const NOUNS: &[&str] = &[
    "forest", "river", "meadow", "breeze", "comet", "dawn", "dream", "eon", "field", "galaxy", "haze",
    "leaf", "moon", "oath", "paper", "pond", "shape", "snow", "sun", "voice",
];
pub(super) const BUILD_FAILURES: &[&str] = &[
    "Build step failure: build step 2 \"gcr.io/cloud-builders/docker\" failed: step exited with non-zero status: 1",
    "Build step failure: build step 0 \"gcr.io/cloud-builders/gsutil\" failed: step exited with non-zero status: 2",
    "Failed to trigger build: Couldn't read commit",
];
pub(super) const JOB_ERRORS: &[&str] = &[
    "The replica workerpool0-0 exited with a non-zero status of 1.\nTo find out more about why your job exited please check the logs",
    "The following quota metrics exceed quota limits: aiplatform.googleapis.com/custom_model_training_nvidia_a100_gpus",
    "Resources are insufficient in this region. Please try a different region or use a different accelerator.",
];
pub(super) const EXECUTION_ERRORS: &[&str] = &[
    "Task vertex-ai-launcher-task0 failed with message: The container exited with an error.",
    "The configured timeout was reached before the task could finish.",
];
