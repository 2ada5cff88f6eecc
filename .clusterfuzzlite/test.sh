#!/usr/bin/env bash
# Runs build.sh as ClusterFuzzLite and OSS-Fuzz do, without their images: a copy of the checkout in
# $SRC, an empty $OUT, their variables, and no other environment. Then runs every binary of $OUT on
# its seeds, in a file system where only /tmp is writable.
#
#     .clusterfuzzlite/test.sh            needs a nightly toolchain, cargo-fuzz, zip and unzip
#     .clusterfuzzlite/test.sh --replay   needs the stable toolchain, zip and unzip; a plain build, in
#                                         which libFuzzer runs the seeds and no new inputs
#
# It skips, with a message, if zip or unzip is missing. Without a nightly toolchain it replays.
# TEST_TARGET_DIR names a folder that keeps build artifacts between runs.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "test.sh: $*" >&2; exit 1; }
skip() { echo "skipped: $*"; exit 0; }
instead() { echo "note: $*; the seeds are only replayed"; replay=yes; }
replay=
case $#,${1:-} in
    0,) ;;
    1,--replay) replay=yes ;;
    *) fail "unknown arguments: $*; the only option is --replay" ;;
esac
for tool in zip unzip; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done
if [ -z "$replay" ]; then
    cargo fuzz --version >/dev/null 2>&1 || instead "cargo-fuzz is not installed (cargo install --locked cargo-fuzz)"
    rustup run nightly rustc --version >/dev/null 2>&1 ||
        instead "the nightly toolchain is not installed (rustup toolchain install nightly)"
fi

# Not in /tmp, which stays writable below.
tmp=$(mktemp -d -p /var/tmp)
trap 'rm -rf "$tmp"' EXIT
SRC=$tmp/src OUT=$tmp/out WORK=$tmp/work
SANITIZER=${SANITIZER:-address}
mkdir -p "$SRC" "$OUT" "$WORK"
cp .clusterfuzzlite/build.sh "$SRC/build.sh"

# The flags that the image's script `compile` sets.
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
    # Uses the checkout itself, and a cargo whose `fuzz build` is a plain build.
    ln -s "$PWD" "$SRC/mmm"
    host=$(rustc -vV | sed -n 's/^host: //p')
    target_dir=${TEST_TARGET_DIR:-${CARGO_TARGET_DIR:-$PWD/target}}
    mkdir -p "$tmp/bin" "$tmp/target/$host"
    ln -s "$(realpath -m "$target_dir")/debug" "$tmp/target/$host/release"
    printf '#!/bin/sh\nunset RUSTFLAGS\nPATH=%q CARGO_TARGET_DIR=%q exec cargo build --locked --package mmm-fuzz\n' \
        "$PATH" "$target_dir" >"$tmp/bin/cargo"
    chmod +x "$tmp/bin/cargo"
    runner+=(PATH="$tmp/bin:$PATH" CARGO_TARGET_DIR="$tmp/target")
else
    # A file in the index may be deleted in the checkout.
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
    # Not every machine has a dictionary.
    if [ -f "fuzz/${target%%_*}.dict" ] || [ ! -d "conformance/corpus/${target%%_*}" ]; then
        echo "$target.dict"
    else
        echo "note: there is no fuzz/${target%%_*}.dict for $target" >&2
    fi
done | LC_ALL=C sort)
found=$(find "$OUT" -mindepth 1 -printf '%P\n' | LC_ALL=C sort)
[ "$expected" = "$found" ] || fail "\$OUT does not contain what it should:
$(diff <(echo "$expected") <(echo "$found"))"

# Makes everything read-only except a new /tmp, if namespaces are available.
sealed=(unshare --map-root-user --mount --net bash -ec '
    mount -o remount,bind,ro / && mount -t tmpfs tmp /tmp && exec "$@"' sealed)
if ! "${sealed[@]}" true 2>/dev/null; then
    echo "note: namespaces are not available, so written files are only looked for in \$OUT and the seeds"
    sealed=()
fi

for target in $targets; do
    echo "$target" | grep -qx '[A-Za-z0-9_-]\{1,\}' || fail "$target: not a valid name of a fuzz target"
    # The runners recognise a target by this symbol.
    grep -q LLVMFuzzerTestOneInput "$OUT/$target" || fail "$target: runners do not recognise it as a fuzz target"
    ! ldd "$OUT/$target" | grep 'not found' || fail "$target: a library is missing"
    seeds=$tmp/seeds/$target
    mkdir -p "$seeds"
    unzip -q "$OUT/${target}_seed_corpus.zip" -d "$seeds"
    options=$(sed -n 's/^\([a-z_]*\) = \([0-9]*\)$/-\1=\2/p' "$OUT/$target.options")
    before=$(find "$OUT" "$seeds" | LC_ALL=C sort)
    # libFuzzer reads a folder of seeds first, and writes new inputs into the empty folder.
    # shellcheck disable=SC2016,SC2086
    (cd "$OUT" && "${sealed[@]}" env -i PATH=/usr/bin:/bin bash -ec '
        mkdir /tmp/new.$$ && target=$1 seeds=$2 replay=$3 && shift 3
        [ ! -f "$target.dict" ] || set -- "$@" -dict="$target.dict"
        set -- "./$target" "$@" -artifact_prefix=/tmp/
        if [ -n "$replay" ]; then find "$seeds" -type f -print0 | xargs -0 "$@"
        else "$@" -runs=5000 /tmp/new.$$ "$seeds"; fi
        rm -rf /tmp/new.$$' run "$target" "$seeds" "$replay" $options) >"$tmp/log" 2>&1 ||
        { tail -n 40 "$tmp/log"; fail "$target fails on its seeds"; }
    [ "$before" = "$(find "$OUT" "$seeds" | LC_ALL=C sort)" ] || fail "$target wrote into \$OUT or its seeds"
    echo "$target: $(find "$seeds" -type f | wc -l) seeds, $(sed -n 's/^stat::number_of_executed_units: *//p; s/^Done \([0-9]*\) runs.*/\1 runs/p' "$tmp/log" | tail -n 1)${replay:+replayed}"
done
echo "test.sh: every target runs on its seeds"
