#!/usr/bin/env bash
# Makes a Seaography server with Seaography's own generators, from the tables that `load.mjs` loaded:
# `seaography.sh postgres://... FOLDER`. It reads the same tables from SQLite, where lists are JSON.
set -euo pipefail
postgres=$1 folder=$2 tools=target/bench-tools
test -x $tools/bin/sea-orm-cli ||
    cargo install sea-orm-cli@2.0.4 --locked --root $tools --no-default-features --features codegen,cli,runtime-tokio-rustls,sqlx-postgres
test -x $tools/bin/seaography-cli || cargo install seaography-cli@2.0.0-rc.9 --root $tools
mkdir -p "$folder"
rm -rf "$folder/src"
$tools/bin/sea-orm-cli generate entity --database-url "$postgres" --output-dir "$folder/src/entities" --seaography
sed -i 's/Vec<String>/String/' "$folder"/src/entities/*.rs
$tools/bin/seaography-cli --output-dir "$folder" --entities "$folder/src/entities" --database-url "sqlite://peers.sqlite" seaography_peer
# No line for each statement, and nothing to install.
sed -i 's/Level::INFO/Level::WARN/' "$folder/src/main.rs"
sed -i 's/runtime-tokio-native-tls/runtime-tokio-rustls/' "$folder/Cargo.toml"
cargo build --release --manifest-path "$folder/Cargo.toml" --target-dir "$folder/target"
