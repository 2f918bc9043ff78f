#!/usr/bin/env bash
# Mutants: cargo-mutants changes the libraries in one place at a time; a test must see each change.
#
#   scripts/mutants.sh run PACKAGE [FILE…]   tests the mutants of a package, or of some of its files
#   SHARD=0/4 scripts/mutants.sh run …       tests one in four of them
#   scripts/mutants.sh table                 prints the counts and the survivors as Markdown
#
# A run that was interrupted goes on where it was: mutants that were caught are not tried again. What is
# known of each is kept in target/mutants: the last outcome counts.
set -euo pipefail
cd "$(dirname "$0")/.."
results="$PWD/target/mutants"

# In one process, that stops at its first failure (libtest's, unstable): a mutant costs five seconds at most.
# The programs that must not compile are left out: they take ten seconds and see types, not behaviour.
run() { # run PACKAGE [FILE…]
    local package=$1 chosen=()
    shift
    [[ -z ${SHARD-} ]] || chosen+=(--shard "$SHARD")
    for file in "$@"; do chosen+=(--file "$file"); done
    mkdir -p "$results/$package"
    record "$package" # of a run that was interrupted
    RUSTC_BOOTSTRAP=1 RUST_BACKTRACE=0 CARGO_PROFILE_DEV_DEBUG=none \
        cargo mutants --package "$package" --output "$results/$package" --iterate --no-shuffle \
        --timeout 30 --jobs "${JOBS:-1}" "${chosen[@]}" \
        -- --lib --tests -- --skip compile_fail -Z unstable-options --fail-fast || [[ $? -le 3 ]]
    record "$package"
}

# Adds the outcomes of the last run to those that are known.
record() { # record PACKAGE
    local outcome
    for outcome in caught missed timeout unviable; do
        sed "s/^/$outcome\t/" "$results/$1/mutants.out/$outcome.txt" 2>/dev/null >> "$results/$1/outcomes" || true
    done
}

table() {
    echo '| package | mutants tried | caught | timed out (caught by a hang) | do not build | survived |'
    echo '|---|---|---|---|---|---|'
    local package
    for package in worker-core worker-ui-bridge; do
        last_outcomes "$package" | awk -F'\t' -v package="$package" '
            { of[$1]++ }
            END { print "| " package " | " NR " | " of["caught"]+0 " | " of["timeout"]+0 " | " of["unviable"]+0 " | " of["missed"]+0 " |" }'
    done
    echo
    for package in worker-core worker-ui-bridge; do
        last_outcomes "$package" | sed -n 's/^missed\t/- /p'
    done
}

last_outcomes() { # last_outcomes PACKAGE
    awk -F'\t' '{ last[$2] = $1 } END { for (mutant in last) print last[mutant] "\t" mutant }' \
        "$results/$1/outcomes" 2>/dev/null | sort -t$'\t' -k2
}

case ${1-} in
    run) shift; run "$@" ;;
    table) table ;;
    *) sed -n '2,10p' "$0"; exit 2 ;;
esac
