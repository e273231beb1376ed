#!/bin/sh
# Builds the release of this commit, and writes to a folder, `dist` if none is named:
#
#     careerql-VERSION-TARGET.tar.gz         the binary, its documentation, the seed, this folder, and the licences of all crates
#     careerql-VERSION-TARGET.contents.txt   every file with its hash, every crate with its version and licence
#     SHA256SUMS                             of all archives and lists in the folder
#
# Usage: deploy/release.sh [FOLDER]. The same commit, toolchain and C library give the same bytes.
# Environment: TARGET, a target of cargo other than this machine; TAR, a GNU tar if `tar` is another; GLIBC, the version of the GNU C
# library that the binary may need.
set -eu
cd "$(dirname "$0")/.."
out=${1:-dist}
tar=${TAR:-tar}
host=$(rustc -vV | sed -n 's/^host: //p')
target=${TARGET:-$host}
glibc=${GLIBC:-2.34}
export LC_ALL=C

fail() {
    echo "release.sh: $*" >&2
    exit 1
}

sha256() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

[ -z "$(git status --porcelain --untracked-files=no)" ] || fail 'there are changes that are not committed; commit them first'
commit=$(git rev-parse HEAD)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

# No path of this machine stands in the binary.
cargo_home=${CARGO_HOME:-$HOME/.cargo}
export RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$PWD=/careerql --remap-path-prefix=$cargo_home=/cargo"
suffix=
case $target in
*-windows-*) suffix=.exe ;;
*) export CFLAGS="-ffile-prefix-map=$PWD=/careerql -ffile-prefix-map=$cargo_home=/cargo" ;;
esac
built=${CARGO_TARGET_DIR:-target}
if [ "$target" = "$host" ]; then
    cargo build --release --locked -p careerql-server
else
    cargo build --release --locked -p careerql-server --target "$target"
    built=$built/$target
fi
binary=$built/release/careerql$suffix
version=$(cargo pkgid -p careerql-server | sed 's/.*[#@]//')
name=careerql-$version-$target

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/$name
mkdir -p "$root" "$work/texts" "$out"
git archive HEAD README.md CHANGELOG.md UPGRADING.md SETTINGS.md RULES.md LICENSE-MIT LICENSE-APACHE docs schema seed deploy | "$tar" -xf - -C "$root"
cp "$binary" "$root/"

# What the binary needs of the system.
needs='see the documentation of the target'
case $target in
*-linux-gnu)
    needed=$(objdump -T "$binary" | sed -n 's/.*GLIBC_\([0-9.]*\).*/\1/p' | sort -Vu | tail -1)
    newest=$(printf '%s\n' "$needed" "$glibc" | sort -V | tail -1)
    [ "$newest" = "$glibc" ] || fail "the binary needs glibc $needed, and $glibc is promised; build on an older system"
    needs="glibc $needed or newer, $(objdump -p "$binary" | sed -n 's/^ *NEEDED *//p' | sort | paste -sd' ' -)"
    ;;
esac

# The crates that are compiled into it: name, version, licence, repository.
cargo tree --locked -p careerql-server --edges normal,no-proc-macro --target "$target" --prefix none --format '{p}|{l}|{r}' |
    sed 's/ (\*)$//; s/ ([^|]*)|/|/; s/ v/|/' | sort -u >"$work/crates"

# Their licences, each text once.
while IFS='|' read -r crate number _; do
    for text in "$cargo_home"/registry/src/*/"$crate-$number"/*; do
        case $(basename "$text" | tr '[:lower:]' '[:upper:]') in
        *LICEN[CS]E* | COPYING* | COPYRIGHT* | NOTICE*) ;;
        *) continue ;;
        esac
        [ -f "$text" ] || continue
        hash=$(sha256 "$text" | cut -d' ' -f1)
        echo "$crate $number" >>"$work/texts/$hash.crates"
        cp "$text" "$work/texts/$hash.text"
    done
done <"$work/crates"
{
    echo 'The licences of the crates that are compiled into careerql.'
    for crates in "$work"/texts/*.crates; do
        printf '\n======== %s\n\n' "$(sort -u "$crates" | paste -sd, - | sed 's/,/, /g')"
        cat "${crates%.crates}.text"
    done
    printf '\n======== GraphiQL, and what its page consists of\n\n'
    cat crates/server/graphiql/dist/LICENSES.txt
} >"$root/LICENSES-THIRD-PARTY.txt"

# The list of all that is in the archive.
{
    printf '%s\n\ncommit    %s\ntarget    %s\ncompiler  %s\nneeds     %s\n' "$name" "$commit" "$target" "$(rustc --version)" "$needs"
    printf '\nFiles, with their SHA-256:\n\n'
    (cd "$root" && find . -type f | sed 's|^\./||' | sort | while read -r file; do sha256 "$file"; done)
    printf '\nCrates: version, licence, repository:\n\n'
    sed 's/|/  /g' "$work/crates"
} >"$work/contents"
cp "$work/contents" "$root/CONTENTS.txt"
cp "$work/contents" "$out/$name.contents.txt"

chmod -R u=rwX,go=rX "$root"
"$tar" --sort=name --format=gnu --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -C "$work" -cf - "$name" |
    gzip -9n >"$out/$name.tar.gz"
(cd "$out" && sha256 careerql-*.tar.gz careerql-*.contents.txt >SHA256SUMS)
echo "$out/$name.tar.gz: $needs"
