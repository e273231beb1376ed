# Lists the verbs.
default:
    @just --list

# Builds and serves the seed on http://127.0.0.1:8000/graphql.
run *arguments:
    cargo run -- {{arguments}}

# Runs all tests.
test:
    cargo test --workspace

# Exactly what CI runs.
check:
    .ci/run

# Writes the schema, what changed in it since the last release, and the JSON Schema of documents.
schema:
    cargo run --quiet -- schema > schema/schema.graphql
    cargo run --quiet -- schema --changes-since schema/released.graphql > schema/CHANGELOG.md
    cargo run --quiet -- schema --json > schema/document.schema.json

# Writes the table of settings.
settings:
    cargo run --quiet -- settings > SETTINGS.md

# Writes the page of rules.
rules:
    cargo run --quiet -- rules > RULES.md

# Makes a module with a list, a filter and an order, such as `just new-module perks`; it builds, and its test passes.
new-module name:
    crates/macros/new-module.sh {{name}}

# Checks the seed.
seed:
    cargo run --quiet -- check seed

# Measures what the server answers, on collections of these sizes (1,000 and 100,000 careers where none is named); `--against PATH`
# measures the binary of another build in the same rounds.
bench *careers: _bench
    test -x target/bench-tools/bin/oha || cargo install oha --locked --root target/bench-tools
    target/release/careerql-bench serve {{careers}}

# Measures an import beside a plain insert of the same rows; `--postgres URL` for a Postgres server.
bench-import *arguments: _bench
    target/release/careerql-bench import {{arguments}}

# Measures how much readers are slowed while editors save.
bench-editors *arguments: _bench
    test -x target/bench-tools/bin/oha || cargo install oha --locked --root target/bench-tools
    target/release/careerql-bench editors {{arguments}}

# Measures cold pages beside PostGraphile and Mercurius (and Seaography, see below); needs Node.js 22 and a Postgres server, on which a database is replaced.
bench-peers postgres="postgres://postgres@127.0.0.1/careerql_peers" *arguments: _bench
    test -x target/bench-tools/bin/oha || cargo install oha --locked --root target/bench-tools
    test -d crates/bench/peers/node_modules || npm install --prefix crates/bench/peers
    target/release/careerql-bench peers --postgres {{postgres}} {{arguments}}

# Makes the Seaography server for `bench-peers URL --seaography target/bench/seaography/target/release/seaography_peer`, from the
# tables that a run of it left on the Postgres server.
bench-seaography postgres="postgres://postgres@127.0.0.1/careerql_peers":
    crates/bench/peers/seaography.sh {{postgres}} target/bench/seaography

_bench:
    cargo build --release -p careerql-server -p careerql-bench
