#!/usr/bin/env bash
# Tries build.sh as the runners of ClusterFuzzLite and OSS-Fuzz do, without their images: a copy of
# the checkout in $SRC, an empty $OUT, their variables, nothing else of one's own environment. Then
# starts every binary of $OUT on its seeds where only /tmp can be written.
#
#     .clusterfuzzlite/test.sh            needs a nightly toolchain, cargo-fuzz, zip and unzip
#     .clusterfuzzlite/test.sh --replay   needs the usual toolchain, zip and unzip: a plain build, in
#                                         which libFuzzer runs the seeds and tries nothing new
#
# What it needs and does not find makes it skip, and say so. Without a nightly it replays.
# TEST_TARGET_DIR names a folder for build artefacts that is kept from one time to the next.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "test.sh: $*" >&2; exit 1; }
skip() { echo "skipped: $*"; exit 0; }
instead() { echo "note: $*; the seeds are only replayed"; replay=yes; }
replay=
case $#,${1:-} in
    0,) ;;
    1,--replay) replay=yes ;;
    *) fail "it takes --replay or nothing, not '$*'" ;;
esac
for tool in zip unzip; do
    command -v $tool >/dev/null || skip "there is no $tool"
done
if [ -z "$replay" ]; then
    cargo fuzz --version >/dev/null 2>&1 || instead "there is no cargo-fuzz (cargo install cargo-fuzz)"
    rustup run nightly rustc --version >/dev/null 2>&1 ||
        instead "there is no nightly toolchain (rustup toolchain install nightly)"
fi

# Not under /tmp, which is the one place that stays writable.
tmp=$(mktemp -d -p /var/tmp)
trap 'rm -rf "$tmp"' EXIT
SRC=$tmp/src OUT=$tmp/out WORK=$tmp/work
SANITIZER=${SANITIZER:-address}
mkdir -p "$SRC" "$OUT" "$WORK"
cp .clusterfuzzlite/build.sh "$SRC/build.sh"

# As the image's script `compile` sets them.
flags="--cfg fuzzing -Cdebuginfo=1 -Cforce-frame-pointers"
case $SANITIZER in
    undefined) ;;
    coverage) flags+=" -Cinstrument-coverage" ;;
    *) flags+=" -Zsanitizer=$SANITIZER" ;;
esac
runner=(env -i HOME="$HOME" CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}"
    RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}" SRC="$SRC" OUT="$OUT" WORK="$WORK"
    SANITIZER="$SANITIZER" FUZZING_ENGINE=libfuzzer FUZZING_LANGUAGE=rust ARCHITECTURE=x86_64)

if [ -n "$replay" ]; then
    # The checkout itself, and a cargo whose `fuzz build` is a plain build.
    ln -s "$PWD" "$SRC/mmm"
    host=$(rustc -vV | sed -n 's/^host: //p')
    target_dir=${TEST_TARGET_DIR:-${CARGO_TARGET_DIR:-$PWD/target}}
    mkdir -p "$tmp/bin" "$tmp/target/$host"
    ln -s "$(realpath -m "$target_dir")/debug" "$tmp/target/$host/release"
    printf '#!/bin/sh\nunset RUSTFLAGS\nPATH=%q CARGO_TARGET_DIR=%q exec cargo build --package fuzz\n' \
        "$PATH" "$target_dir" >"$tmp/bin/cargo"
    chmod +x "$tmp/bin/cargo"
    runner+=(PATH="$tmp/bin:$PATH" CARGO_TARGET_DIR="$tmp/target")
else
    # A file that git knows may have been deleted.
    mkdir "$SRC/mmm"
    git ls-files -z --cached --others --exclude-standard |
        while IFS= read -r -d '' file; do if [ -e "$file" ]; then printf '%s\0' "$file"; fi; done |
        xargs -0 cp --parents -t "$SRC/mmm"
    runner+=(PATH="$PATH" RUSTUP_TOOLCHAIN=nightly RUSTFLAGS="$flags")
    [ -z "${TEST_TARGET_DIR:-}" ] || runner+=(CARGO_TARGET_DIR="$TEST_TARGET_DIR")
fi
(cd "$SRC/mmm" && "${runner[@]}" bash -eu "$SRC/build.sh") || fail "build.sh fails"
rm -rf "$SRC" "$WORK"

targets=$(sed -n '/^\[\[bin\]\]/,/^name/ s/^name = "\(.*\)"/\1/p' fuzz/Cargo.toml | grep -vx empty)
expected=$(for target in $targets; do
    printf '%s\n' "$target" "$target.options" "${target}_seed_corpus.zip"
    # A machine whose programs have no dictionary yet.
    if [ -f "fuzz/${target%%_*}.dict" ] || [ ! -d "conformance/corpus/${target%%_*}" ]; then
        echo "$target.dict"
    else
        echo "note: there is no fuzz/${target%%_*}.dict for $target" >&2
    fi
done | LC_ALL=C sort)
found=$(find "$OUT" -mindepth 1 -printf '%P\n' | LC_ALL=C sort)
[ "$expected" = "$found" ] || fail "in \$OUT is not what should be there:
$(diff <(echo "$expected") <(echo "$found"))"

# Everything read-only but a fresh /tmp, if this machine lets us.
sealed=(unshare --map-root-user --mount --net bash -ec '
    mount -o remount,bind,ro / && mount -t tmpfs tmp /tmp && exec "$@"' sealed)
if ! "${sealed[@]}" true 2>/dev/null; then
    echo "note: no namespace to seal the file system with; what is written is looked for instead"
    sealed=()
fi

for target in $targets; do
    echo "$target" | grep -qx '[A-Za-z0-9_-]\{1,\}' || fail "$target: no name for a fuzz target"
    # By this symbol the runners know a target.
    grep -q LLVMFuzzerTestOneInput "$OUT/$target" || fail "$target: no fuzz target to a runner"
    ! ldd "$OUT/$target" | grep 'not found' || fail "$target: a library is missing"
    seeds=$tmp/seeds/$target
    mkdir -p "$seeds"
    unzip -q "$OUT/${target}_seed_corpus.zip" -d "$seeds"
    options=$(sed -n 's/^\([a-z_]*\) = \([0-9]*\)$/-\1=\2/p' "$OUT/$target.options")
    before=$(find "$OUT" "$seeds" | LC_ALL=C sort)
    # A folder of seeds is read whole first; what is new would be written into the empty one.
    # shellcheck disable=SC2016,SC2086
    (cd "$OUT" && "${sealed[@]}" env -i PATH=/usr/bin:/bin bash -ec '
        mkdir /tmp/new.$$ && target=$1 seeds=$2 replay=$3 && shift 3
        [ ! -f "$target.dict" ] || set -- "$@" -dict="$target.dict"
        set -- "./$target" "$@" -artifact_prefix=/tmp/
        if [ -n "$replay" ]; then find "$seeds" -type f -print0 | xargs -0 "$@"
        else "$@" -runs=5000 /tmp/new.$$ "$seeds"; fi
        rm -rf /tmp/new.$$' run "$target" "$seeds" "$replay" $options) >"$tmp/log" 2>&1 ||
        { tail -n 40 "$tmp/log"; fail "$target does not run on its seeds"; }
    [ "$before" = "$(find "$OUT" "$seeds" | LC_ALL=C sort)" ] || fail "$target wrote among its inputs"
    echo "$target: $(find "$seeds" -type f | wc -l) seeds, $(sed -n 's/^stat::number_of_executed_units: *//p; s/^Done \([0-9]*\) runs.*/\1 runs/p' "$tmp/log" | tail -n 1)${replay:+replayed}"
done
echo "test.sh: every target runs on its seeds"
