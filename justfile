# Lists the verbs.
default:
    @just --list

# Builds and serves the seed on http://127.0.0.1:8000/graphql.
run *arguments:
    cargo run --release -- {{arguments}}

# Runs all tests.
test:
    cargo test --workspace

# Exactly what CI runs.
check:
    .ci/run

# Writes the schema.
schema:
    cargo run --quiet -- schema > schema/schema.graphql

# Writes the table of settings.
settings:
    cargo run --quiet -- settings > SETTINGS.md

# Checks the seed.
seed:
    cargo run --quiet -- check seed
