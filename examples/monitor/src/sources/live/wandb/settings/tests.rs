use super::*;

#[test]
fn what_wandb_login_writes_is_read() {
    let text =
        "[default]\nentity = team\nproject: train\nbase_url = https://wandb.example.com\nmode = online\n";
    let settings = Settings::from_text(text);
    assert_eq!(settings.entity.as_deref(), Some("team"));
    assert_eq!(settings.project.as_deref(), Some("train"));
    assert_eq!(settings.base_url.as_deref(), Some("https://wandb.example.com"));
}

#[test]
fn what_is_not_there_or_malformed_sets_nothing() {
    for text in ["", "[other]\nentity = team\n", "[default]\nentity =\n", "[default", "\0\u{1b}[2J"] {
        assert_eq!(Settings::from_text(text), Settings::default(), "{text:?}");
    }
}
