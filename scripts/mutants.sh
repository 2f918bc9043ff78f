#!/usr/bin/env bash
# Mutants: cargo-mutants changes the libraries in one place at a time; a test must see each change.
#
#   scripts/mutants.sh run PACKAGE [FILE…]   tests the mutants of a package, or of some of its files
#   scripts/mutants.sh table                 prints the counts and the survivors as Markdown
#
# A run that was interrupted goes on where it was: mutants that were caught are not tried again. Results
# are kept in target/mutants.
set -euo pipefail
cd "$(dirname "$0")/.."
results="$PWD/target/mutants"

run() { # run PACKAGE [FILE…]
    local package=$1 files=()
    shift
    for file in "$@"; do files+=(--file "$file"); done
    mkdir -p "$results/$package"
    cargo mutants --package "$package" --output "$results/$package" --iterate --no-shuffle \
        --test-tool nextest --timeout 40 --minimum-test-timeout 40 --jobs "${JOBS:-2}" "${files[@]}" || [[ $? -le 3 ]]
}

table() {
    echo '| package | mutants | caught | survived | timed out | do not build |'
    echo '|---|---|---|---|---|---|'
    local package
    for package in worker-core worker-ui-bridge; do
        local dir="$results/$package/mutants.out"
        [[ -d $dir ]] || continue
        count() { cat "$dir/$1" "$dir/${2-/dev/null}" 2>/dev/null | sort -u | grep -c . || true; }
        local caught missed timeout unviable
        caught=$(count caught.txt previously_caught.txt) missed=$(count missed.txt)
        timeout=$(count timeout.txt) unviable=$(count unviable.txt)
        echo "| $package | $((caught + missed + timeout + unviable)) | $caught | $missed | $timeout | $unviable |"
    done
    echo
    cat "$results"/*/mutants.out/missed.txt 2>/dev/null || true
}

case ${1-} in
    run) shift; run "$@" ;;
    table) table ;;
    *) sed -n '2,9p' "$0"; exit 2 ;;
esac
