#!/bin/sh
# Makes a module of the name $1, such as `perks`, from that of `tests/skills`, and puts it into the list of the server.
set -eu
cd "$(dirname "$0")/../.."
name=${1:-}
case $name in
*[!a-z]* | "" | s) echo "\`$name\` is no name for a module: write what it holds, one word in the plural, such as \`just new-module perks\`" >&2; exit 2 ;;
*s) ;;
*) echo "\`$name\` does not end in s: write what the module holds, in the plural, such as \`perks\`" >&2; exit 2 ;;
esac
if [ -e "crates/$name" ]; then
    echo "crates/$name is there already; choose another name" >&2
    exit 2
fi
capital=$(echo "$name" | cut -c1 | tr a-z A-Z)$(echo "$name" | cut -c2-)

mkdir -p "crates/$name/src" "crates/$name/migrations"
(cd tests/skills && find . -type f) | while read -r file; do
    target=crates/$name/$(echo "$file" | sed "s/m[0-9]*_000001_skills/m$(date +%Y%m%d)_000001_$name/")
    sed -e "s/m[0-9]*_000001_skills/m$(date +%Y%m%d)_000001_$name/g" \
        -e "s/sample-//" -e "s/skill/${name%s}/g" -e "s/Skill/${capital%s}/g" "tests/skills/$file" > "$target"
done
replace() { sed "$1" "$2" > "$2.new" && mv "$2.new" "$2"; }
replace "s|^faq = .*|&\n$name = { package = \"careerql-$name\", path = \"../$name\" }|" crates/server/Cargo.toml
replace "s|^        .module(\"faq\", faq::module)|&\n        .module(\"$name\", $name::module)|" crates/server/src/lib.rs
echo "crates/$name is there, and in the list of crates/server. Try it: cargo test -p careerql-$name; then write its rows in tests/kernel/columns.rs"
