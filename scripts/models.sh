#!/usr/bin/env bash
# The models: loom runs the real code of the hand-overs in every order of their threads.
# `scripts/models.sh broken` breaks each key line of scripts/key_lines.txt in a copy, one at a time, and
# requires that its model fails.
set -euo pipefail
cd "$(dirname "$0")/.."

target="$PWD/target/loom"

models() { # models DIRECTORY [FILTER]
    cd "$1"
    RUSTFLAGS="--cfg worker_loom" CARGO_TARGET_DIR="$target" LOOM_LOG=0 \
        timeout 600 cargo test --quiet -p worker-core --lib --release "models::${2-}"
}

if [[ ${1-} != broken ]]; then
    models .
    exit
fi

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$copy"
target="$copy/target"
failed=0
while IFS= read -r row; do
    [[ -z $row || $row == '#'* ]] && continue
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
    if (models "$copy" "$model") > "$copy/log" 2>&1; then
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
