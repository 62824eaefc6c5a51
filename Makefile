# The usual tasks. What is longer than a line is Rust: see xtask/src/main.rs.

.DEFAULT_GOAL := help
.PHONY: help run test check tools ui build conformance test-prometheus crash bench clean

# How often `make crash` kills the server.
CYCLES ?= 20

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build everything, start a server and the demo shop on ./data, say what to try
	@cargo xtask run

test: ## Run every check and every test, installing what they need; ends with "N passed, N failed"
	@cargo xtask test

check: ## Run what needs no test: page lint and types, format, tidy, clippy, licences, documentation
	@cargo xtask check

tools: ## Install what the tests need, to run some of them by hand with cargo test
	@cargo xtask tools

ui: ## Build the page into ui/dist, unless it is fresh
	@cargo xtask ui

build: ui ## Build the program as it is shipped: target/release/nunchi
	cargo build --locked --release --package nunchi

conformance: ## Run the test vectors of others in NUNCHI_CONFORMANCE_DIR
	@cargo xtask conformance

test-prometheus: ## Ask a real Prometheus and ours the same questions of the same data; builds it with Go
	@cargo xtask test-prometheus

crash: ui ## Kill the server CYCLES times under load and account for every acknowledged record
	cargo build --locked --workspace --bins --tests
	TEST_CRASH_CYCLES=$(CYCLES) cargo test --locked --workspace --test tests crash -- --nocapture

bench: ui ## Measure; benches/README.md says how to read it
	cargo build --locked --release --package nunchi --package benches
	for signal in logs traces metrics; do target/release/benches ingest --signal $$signal --records 1000000 || exit 1; done
	target/release/benches trace-by-id
	cargo bench --locked --package benches
	cargo run --locked --release --package stitch --example score

clean: ## Delete what was built and installed; ./data stays
	cargo clean
	rm -rf .venv ui/dist ui/node_modules tests/services/node/node_modules
