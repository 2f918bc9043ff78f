#!/usr/bin/env bash
# The models: loom runs the real code of the hand-overs in every order of their threads.
# `scripts/models.sh broken [FILTER]` breaks each key line of scripts/key_lines.txt whose row contains
# FILTER in a copy, one at a time, and requires that its model fails.
set -euo pipefail
cd "$(dirname "$0")/.."

targets=${CARGO_TARGET_DIR:-$PWD/target}
# Without link-time optimization: linking would take longer than the models.
export RUSTFLAGS="--cfg worker_loom" CARGO_TARGET_DIR="$targets/loom" CARGO_PROFILE_RELEASE_LTO=off LOOM_LOG=0

models() { # models DIRECTORY CRATE [FILTER]
    cd "$1"
    timeout 600 cargo test --quiet -p "$2" --lib --release "models::${3-}"
}

if [[ ${1-} != broken ]]; then
    for crate in worker-core worker-ui-bridge; do
        (models . "$crate")
    done
    exit
fi

filter=${2-}
copy="$targets/broken"
# Cargo takes the copy's builds for those of the original: they need a place of their own.
export CARGO_TARGET_DIR="$targets/loom-broken"
rm -rf "$copy" && mkdir -p "$copy"
trap 'rm -rf "$copy"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$copy"
failed=0
while IFS= read -r row; do
    [[ -z $row || $row == '#'* || $row != *"$filter"* ]] && continue
    file=${row%% @@ *} rest=${row#* @@ }
    line=${rest%% @@ *} rest=${rest#* @@ }
    broken=${rest%% @@ *} model=${rest#* @@ }
    LINE="$line" BROKEN="$broken" awk '
        !found && (at = index($0, ENVIRON["LINE"])) {
            found = 1
            $0 = substr($0, 1, at - 1) ENVIRON["BROKEN"] substr($0, at + length(ENVIRON["LINE"]))
        }
        { print }
        END { exit !found }' "$file" > "$copy/$file" || { echo "NOT THERE  $file: $line"; failed=1; }
    if (models "$copy" "${file%%/*}" "$model") > "$copy/log" 2>&1; then
        echo "NOT SEEN   $model: $line"
        failed=1
    elif grep -q 'could not compile' "$copy/log"; then
        echo "NO BUILD   $model: $line"
        failed=1
    else
        echo "seen       $model: $line"
    fi
    cp "$file" "$copy/$file"
done < scripts/key_lines.txt
exit "$failed"
