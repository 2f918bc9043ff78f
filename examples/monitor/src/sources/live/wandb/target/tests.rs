use super::*;

fn run_url(api: &str, project: &str, run: &str) -> String {
    let uri: Uri = format!("{api}/graphql").parse().expect("an address");
    let host = uri.host().expect("a host").to_owned();
    Target { uri, host, entity: "team", project, key: Secret::new("hunter2").expect("a key") }.run_url(run)
}

#[test]
fn m04_a_run_has_a_page() {
    assert_eq!(run_url("https://api.wandb.ai", "train", "abc"), "https://wandb.ai/team/train/runs/abc");
    assert_eq!(
        run_url("http://wandb.example.com:8080/base", "train", "abc"),
        "http://wandb.example.com:8080/base/team/train/runs/abc"
    );
}

#[test]
fn m04_a_password_in_the_address_is_not_in_the_url() {
    assert_eq!(
        run_url("https://user:secret@wandb.example.com", "a b/ü", "x?y"),
        "https://wandb.example.com/team/a%20b%2F%C3%BC/runs/x%3Fy"
    );
}
