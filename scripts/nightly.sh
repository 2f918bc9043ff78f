#!/usr/bin/env bash
# What takes longer than a change should wait for.
#
#   scripts/nightly.sh [PART]…              all parts without an argument
#       models       every key line is broken, and its model must fail
#       stress       a million workers: idle, beside two busy loops, and under the scheduler
#       mutants      one in four of both libraries; goes on where the last run ended
#       sanitizers   the stress under each of them
#       fuzz         what reads outside input in the monitor, ten minutes for each of the eight targets
#       benches      the targets of docs/performance.md
#   SEED=7 WORKERS=10000 SHARD=3/4 scripts/nightly.sh stress mutants
#
# A line a part, with its seconds. A part that fails stops no other; then the exit code is 1. What a part
# printed is in target/nightly.
set -uo pipefail
cd "$(dirname "$0")/.."

seed=${SEED:-$(date +%Y%m%d)}
workers=${WORKERS:-1000000}
log="${CARGO_TARGET_DIR:-$PWD/target}/nightly"
mkdir -p "$log"
failed=0

models() { scripts/models.sh broken; }

# Six in ten idle, three beside the busy loops, one under the scheduler.
stress() {
    local result=0
    cargo build -p stress --release || return
    cargo run -q -p stress --release -- --seed "$seed" --workers $((workers * 6 / 10)) || result=1
    cargo run -q -p stress --release -- --seed "$seed" --workers $((workers * 3 / 10)) --busy || result=1
    cargo run -q -p stress --release -- --seed "$seed" --workers $((workers / 10)) --scheduler || result=1
    return "$result"
}

# Survivors do not fail it: each is judged by a person (`scripts/mutants.sh table`).
mutants() {
    local result=0 package
    for package in worker-core worker-ui-bridge; do
        SHARD=${SHARD:-0/4} scripts/mutants.sh run "$package" || result=1
    done
    scripts/mutants.sh table
    return "$result"
}

sanitizers() { SEED=$seed WORKERS=$((workers / 10)) scripts/sanitizers.sh; }

# Needs cargo-fuzz and a nightly compiler. What it finds is in examples/monitor/fuzz/artifacts.
fuzz() {
    local result=0 target
    command -v cargo-fuzz > /dev/null || cargo install cargo-fuzz --locked || return
    for target in $(cd examples/monitor && cargo fuzz list); do
        (cd examples/monitor && cargo +nightly fuzz run "$target" -- -max_total_time="${FUZZ_SECONDS:-600}" \
            -max_len=4096 -timeout=10 -rss_limit_mb=600 -dict=fuzz/json.dict) || result=1
    done
    return "$result"
}

benches() {
    local result=0
    cargo bench -p worker-ui-bridge --bench peers -- --check || result=1
    cargo bench -p tests --bench monitor -- --check || result=1
    return "$result"
}

# The lines of a part's output that say how it went.
summary() {
    case $1 in
        models) printf '%s seen, %s not' "$(grep -c '^seen' "$2")" "$(grep -c '^N' "$2")" ;;
        stress) printf 'seed %s, %s workers' "$seed" \
            "$(awk '/^kept every promise:/ { all += $4 } END { print all + 0 }' "$2")" ;;
        mutants) grep '^| worker' "$2" | awk -F' *[|] *' \
            '{ printf "%s%s: %s tried, %s survived", (NR > 1 ? "; " : ""), $2, $3, $7 }' ;;
        sanitizers) grep -o '^[a-z]* *\(ran\|could not run\|SEES NOTHING\)' "$2" | tr -s ' ' | paste -sd, | sed 's/,/, /g' ;;
        fuzz) printf '%s targets, %s findings' "$(grep -c '^Done' "$2")" "$(grep -c '^SUMMARY' "$2")" ;;
        benches) printf '%s targets met, %s missed' "$(grep -c ' ok$' "$2")" "$(grep -c ' MISSED$' "$2")" ;;
    esac
}

[[ $# -gt 0 ]] || set -- models stress mutants sanitizers fuzz benches
for part in "$@"; do
    case $part in
        models | stress | mutants | sanitizers | fuzz | benches) ;;
        *) sed -n '2,14p' "$0"; exit 2 ;;
    esac
done
for part in "$@"; do
    began=$SECONDS
    if "$part" > "$log/$part" 2>&1; then result=ok; else result=FAILED failed=1; fi
    printf '%-10s %6d s  %-6s  %s\n' "$part" $((SECONDS - began)) "$result" "$(summary "$part" "$log/$part")"
done
exit "$failed"
