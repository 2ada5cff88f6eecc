#!/usr/bin/env bash
# Builds every fuzz target into $OUT, each with its seeds, dictionary and options beside it.
#
# The builder's image sets SRC, OUT, WORK, SANITIZER and RUSTUP_TOOLCHAIN, and runs this in the
# checkout. Only what lies in $OUT goes to the machines that fuzz. test.sh tries it without an image.
set -euo pipefail

: "${SRC:?the folder that the checkout lies in, as mmm}" "${OUT:?the folder to build into}"
cd "$SRC/mmm"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

refuse() { echo "build.sh: $*" >&2; exit 1; }
[ "${FUZZING_ENGINE:-libfuzzer}" = libfuzzer ] || refuse "there are targets for libfuzzer only, not for '$FUZZING_ENGINE'"

# As `cargo fuzz run` builds them: optimised, but an overflow is still found.
build=(cargo fuzz build --release --debug-assertions)
case ${SANITIZER:-address} in
    # The image's own cargo turns this into a build for source coverage if $SANITIZER asks for one.
    address | coverage) "${build[@]}" ;;
    # The image hands the compiler the name of every sanitizer; it knows none of this name.
    none) RUSTFLAGS=${RUSTFLAGS:-} && RUSTFLAGS=${RUSTFLAGS//-Zsanitizer=none/} "${build[@]}" --sanitizer none ;;
    *) refuse "no target can be built with the sanitizer '$SANITIZER'" ;;
esac
built=${CARGO_TARGET_DIR:-target}/$(rustc -vV | sed -n 's/^host: //p')/release

# A target that begins with a machine's name (sc_diff) takes that machine's programs and words,
# any other takes those of all. `empty` only measures what libFuzzer itself costs.
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
        # Sidecar headers are no programs; the folders become part of the names.
        (cd "conformance/corpus/$machine" && find . -type f ! -name '*.header') |
            while IFS= read -r file; do
                flat=${file#./}
                cp "conformance/corpus/$machine/$file" "$work/$target/$machine-${flat//\//-}"
            done
        if [ -f "fuzz/$machine.dict" ]; then
            cat "fuzz/$machine.dict" >>"$OUT/$target.dict"
        fi
    done
    # The same seeds make the same archive.
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
