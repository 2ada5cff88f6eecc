#!/usr/bin/env bash
# Tries build.sh as the runners of ClusterFuzzLite and OSS-Fuzz do, without their images: a copy of
# the checkout in $SRC, an empty $OUT, their variables, nothing else of one's own environment. Then
# starts every binary of $OUT on its seeds where only /tmp can be written.
#
# It needs a nightly toolchain, cargo-fuzz, zip and unzip; without them it is skipped, and says so.
# TEST_TARGET_DIR names a folder for build artefacts that is kept from one time to the next.
set -euo pipefail
cd "$(dirname "$0")/.."

skip() { echo "skipped: $*"; exit 0; }
cargo fuzz --version >/dev/null 2>&1 || skip "there is no cargo-fuzz (cargo install cargo-fuzz)"
rustup run nightly rustc --version >/dev/null 2>&1 || skip "there is no nightly toolchain (rustup toolchain install nightly)"
for tool in zip unzip; do
    command -v $tool >/dev/null || skip "there is no $tool"
done

# Not under /tmp, which is the one place that stays writable.
tmp=$(mktemp -d -p /var/tmp)
trap 'rm -rf "$tmp"' EXIT
SRC=$tmp/src OUT=$tmp/out WORK=$tmp/work
mkdir -p "$SRC/mmm" "$OUT" "$WORK"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$SRC/mmm" 2>/dev/null
cp .clusterfuzzlite/build.sh "$SRC/build.sh"

runner=(env -i PATH="$PATH" HOME="$HOME" CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}"
    RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}" RUSTUP_TOOLCHAIN=nightly
    SRC="$SRC" OUT="$OUT" WORK="$WORK" SANITIZER="${SANITIZER:-address}" FUZZING_ENGINE=libfuzzer
    FUZZING_LANGUAGE=rust ARCHITECTURE=x86_64
    RUSTFLAGS="--cfg fuzzing -Cdebuginfo=1 -Cforce-frame-pointers")
[ -z "${TEST_TARGET_DIR:-}" ] || runner+=(CARGO_TARGET_DIR="$TEST_TARGET_DIR")
(cd "$SRC/mmm" && "${runner[@]}" bash -eu "$SRC/build.sh")
rm -rf "$SRC" "$WORK"

fail() { echo "test.sh: $*" >&2; exit 1; }
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
found=$(LC_ALL=C ls "$OUT" | LC_ALL=C sort)
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
    ! ldd "$OUT/$target" | grep 'not found' || fail "$target: a library is missing"
    seeds=$tmp/seeds/$target
    mkdir -p "$seeds"
    unzip -q "$OUT/${target}_seed_corpus.zip" -d "$seeds"
    options=$(sed -n 's/^\([a-z_]*\) = \([0-9]*\)$/-\1=\2/p' "$OUT/$target.options")
    before=$(find "$OUT" "$seeds" | LC_ALL=C sort)
    # A folder of seeds is read whole first; what is new would be written into the empty one.
    # shellcheck disable=SC2086
    (cd "$OUT" && "${sealed[@]}" env -i PATH=/usr/bin:/bin bash -ec '
        mkdir /tmp/new.$$ && target=$1 seeds=$2 && shift 2
        [ ! -f "$target.dict" ] || set -- "$@" -dict="$target.dict"
        "./$target" "$@" -artifact_prefix=/tmp/ -runs=5000 /tmp/new.$$ "$seeds"
        rm -rf /tmp/new.$$' run "$target" "$seeds" $options) >"$tmp/log" 2>&1 ||
        { tail -n 40 "$tmp/log"; fail "$target does not run on its seeds"; }
    [ "$before" = "$(find "$OUT" "$seeds" | LC_ALL=C sort)" ] || fail "$target wrote among its inputs"
    echo "$target: $(find "$seeds" -type f | wc -l) seeds, $(sed -n 's/^stat::number_of_executed_units: *//p; s/^Done \([0-9]*\) runs.*/\1 runs/p' "$tmp/log" | tail -n 1)"
done
echo "test.sh: every target runs on its seeds"
