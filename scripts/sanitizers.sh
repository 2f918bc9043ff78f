#!/usr/bin/env bash
# The stress under ThreadSanitizer, LeakSanitizer, AddressSanitizer and valgrind's memcheck.
#
#   scripts/sanitizers.sh [thread|leak|address|memcheck]…   all four without an argument
#   SEED=7 WORKERS=100000 scripts/sanitizers.sh leak        memcheck runs one worker in twenty of them
#
# Each tool must first report a fault that is planted in a small program, its control: a race, a leak, a
# read of freed memory. A line a tool: ran, control seen or not, findings; or why it could not run.
# Exit code 1 if there are findings, or a control was not seen.
set -uo pipefail
cd "$(dirname "$0")/.."

seed=${SEED:-$RANDOM}
workers=${WORKERS:-100000}
host=$(rustc -vV | sed -n 's/^host: //p')
target="${CARGO_TARGET_DIR:-$PWD/target}/sanitizers"
log="$target/log"
mkdir -p "$log"
plants=$(mktemp -d)
trap 'rm -rf "$plants"' EXIT
failed=0

# The exit code of a tool that has found something.
found=97
export TSAN_OPTIONS="exitcode=$found" LSAN_OPTIONS="exitcode=$found" ASAN_OPTIONS="exitcode=$found:detect_leaks=0"

plant() { # plant NAME: a program with a fault; none of ours may contain it, for it needs `unsafe`
    mkdir -p "$plants/$1/src"
    printf '[package]\nname = "plant-%s"\nedition = "2024"\n[workspace]\n[profile.release]\nlto = "thin"\n' "$1" \
        > "$plants/$1/Cargo.toml"
    cat > "$plants/$1/src/main.rs"
}

plant thread <<'RUST'
static mut COUNT: u64 = 0;
fn main() {
    let count = || (0..100_000).for_each(|_| unsafe { COUNT += 1 });
    let thread = std::thread::spawn(count);
    count();
    thread.join().unwrap();
}
RUST

plant leak <<'RUST'
#[inline(never)]
fn lose(size: usize) {
    std::mem::forget(std::hint::black_box(vec![1_u8; size]));
}
fn main() {
    (1..100).for_each(lose);
}
RUST

plant address <<'RUST'
fn main() {
    let value = std::hint::black_box(Box::new(7_u64));
    let freed: *const u64 = &*value;
    drop(value);
    println!("{}", unsafe { freed.read_volatile() });
}
RUST

# A toolchain with the standard library's sources, which ThreadSanitizer must see built: else each hand-over
# inside of it looks like a race.
with_sources() {
    local toolchain
    for toolchain in "$(rustup show active-toolchain | cut -d' ' -f1)" $(rustup toolchain list -q); do
        [[ -d "$(rustc "+$toolchain" --print sysroot)/lib/rustlib/src/rust/library" ]] || continue
        echo "$toolchain"
        return
    done
    return 1
}

build() { # build TOOL DIRECTORY ARGUMENT…
    local tool=$1 directory=$2 flags=() toolchain=
    shift 2
    case $tool in
        thread)
            toolchain="+$(with_sources)" && flags=(-Zbuild-std) \
                || { echo 'no toolchain has the component rust-src'; return 1; } ;;
    esac
    [[ $tool == memcheck ]] || export RUSTFLAGS="-Zsanitizer=$tool"
    (cd "$directory" && RUSTC_BOOTSTRAP=1 cargo ${toolchain:+"$toolchain"} build --quiet --release "${flags[@]}" \
        --target "$host" --target-dir "$target/$tool" "$@" 2>&1) > "$log/$tool.build" \
        || { echo "it does not build, see $log/$tool.build"; return 1; }
}

run() { # run TOOL PROGRAM ARGUMENT…
    local tool=$1 program="$target/$1/$host/release/$2"
    shift 2
    case $tool in
        memcheck) valgrind --quiet --fair-sched=yes --leak-check=full --show-leak-kinds=definite \
            --errors-for-leak-kinds=definite --error-exitcode="$found" "$program" "$@" ;;
        *) "$program" "$@" ;;
    esac
}

count() { # count TOOL LOG: how many reports are in it
    case $1 in
        thread) grep -c '^WARNING: ThreadSanitizer' "$2" ;;
        leak) grep -c '^\(Direct\|Indirect\) leak' "$2" ;;
        address) grep -c '^==.*ERROR: AddressSanitizer' "$2" ;;
        memcheck) grep -c '^==.*\(Invalid\|uninitialised\|definitely lost\)' "$2" ;;
    esac
}

try() { # try TOOL
    local tool=$1 controls=("$1") control why began=$SECONDS number=$workers code=0 findings seen=
    [[ $tool == memcheck ]] && controls=(address leak) && number=$((workers / 20))
    say() { printf '%-9s %s\n' "$tool" "$*"; }
    if [[ $tool == memcheck ]] && ! command -v valgrind > /dev/null; then
        say 'could not run: valgrind is not installed'
        return
    fi
    for control in "${controls[@]}"; do
        why=$(build "$tool" "$plants/$control") || { say "could not run: $why"; return; }
        run "$tool" "plant-$control" > "$log/$tool.control" 2>&1
        if [[ $? != "$found" || $(count "$tool" "$log/$tool.control") == 0 ]]; then
            say "SEES NOTHING: the control \"$control\" was not reported, see $log/$tool.control"
            failed=1
            return
        fi
        seen+="${seen:+, }$control"
    done
    why=$(build "$tool" . -p stress) || { say "could not run: $why"; failed=1; return; }
    : > "$log/$tool"
    for mode in --seed --scheduler; do
        # Under the scheduler one thread runs at a time: a tenth of the workers.
        if [[ $mode == --seed ]]; then set -- --workers "$number"; else set -- --workers $((number / 10)) --scheduler; fi
        run "$tool" stress --seed "$seed" "$@" >> "$log/$tool" 2>&1 || code=$?
    done
    findings=$(count "$tool" "$log/$tool")
    [[ $code == 0 && $findings == 0 ]] || failed=1
    say "ran: seed $seed, $(sum "$log/$tool") workers, $((SECONDS - began)) s; control seen: $seen;" \
        "findings: $findings$([[ $code == 0 ]] || echo ", exit code $code, see $log/$tool")"
}

sum() { awk '/^kept every promise:/ { all += $4 } END { print all + 0 }' "$1"; }

[[ $# -gt 0 ]] || set -- thread leak address memcheck
for tool in "$@"; do
    case $tool in
        thread | leak | address | memcheck) (try "$tool"; exit "$failed") || failed=1 ;;
        *) sed -n '2,9p' "$0"; exit 2 ;;
    esac
done
exit "$failed"
