#!/usr/bin/env bash
# Builds every fuzz target into $OUT, each with its seeds, dictionary and options beside it.
#
# The builder's image sets SRC, OUT, WORK, SANITIZER and RUSTUP_TOOLCHAIN, and runs this in the
# checkout. Only the files in $OUT go to the machines that fuzz. test.sh runs this without an image.
set -euo pipefail

: "${SRC:?the folder that contains the checkout as mmm}" "${OUT:?the folder for the results}"
cd "$SRC/mmm"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

refuse() { echo "build.sh: $*" >&2; exit 1; }
[ "${FUZZING_ENGINE:-libfuzzer}" = libfuzzer ] || refuse "the targets need libfuzzer, not '$FUZZING_ENGINE'"

# As `cargo fuzz run` builds them: optimised, with overflow checks.
build=(cargo fuzz build --release --debug-assertions)
case ${SANITIZER:-address} in
    # With SANITIZER=coverage, the image's cargo makes this a build for source coverage.
    address | coverage) "${build[@]}" ;;
    # The image passes -Zsanitizer=none to the compiler, which does not know it.
    none) RUSTFLAGS=${RUSTFLAGS:-} && RUSTFLAGS=${RUSTFLAGS//-Zsanitizer=none/} "${build[@]}" --sanitizer none ;;
    *) refuse "the targets do not support the sanitizer '$SANITIZER'" ;;
esac
built=${CARGO_TARGET_DIR:-target}/$(rustc -vV | sed -n 's/^host: //p')/release

# A target whose name begins with a machine's (sc_diff) gets that machine's programs and dictionary,
# any other gets all of them. `empty` only measures the cost of libFuzzer itself.
machines=$(ls conformance/corpus)
targets=$(sed -n '/^\[\[bin\]\]/,/^name/ s/^name = "\(.*\)"/\1/p' fuzz/Cargo.toml)
for target in $targets; do
    [ "$target" != empty ] || continue
    of=$machines
    for machine in $machines; do
        case $target in "$machine"_*) of=$machine ;; esac
    done

    cp "$built/$target" "$OUT/$target"

    mkdir "$work/$target"
    rm -f "$OUT/$target.dict"
    for machine in $of; do
        # Header files are not programs. The names of the folders become part of the file names.
        (cd "conformance/corpus/$machine" && find . -type f ! -name '*.header') |
            while IFS= read -r file; do
                flat=${file#./}
                cp "conformance/corpus/$machine/$file" "$work/$target/$machine-${flat//\//-}"
            done
        if [ -f "fuzz/$machine.dict" ]; then
            cat "fuzz/$machine.dict" >>"$OUT/$target.dict"
        fi
    done
    # The archive depends on nothing but the seeds.
    find "$work/$target" -exec touch -d 2000-01-01T00:00:00Z {} +
    rm -f "$OUT/${target}_seed_corpus.zip"
    (cd "$work/$target" && find . -type f | LC_ALL=C sort | zip -q -X "$OUT/${target}_seed_corpus.zip" -@)

    {
        echo "[libfuzzer]"
        echo "max_len = 65536"
        echo "timeout = 25"
        echo "rss_limit_mb = 2560"
        [ ! -f "$OUT/$target.dict" ] || echo "dict = $target.dict"
    } >"$OUT/$target.options"
done
