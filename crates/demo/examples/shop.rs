//! The shop by itself, without the `nunchi` binary: `cargo run -p demo --example shop -- --endpoint URL`.

use clap::Parser;

/// A small shop of instrumented services.
#[derive(Debug, Parser)]
struct Shop {
    #[command(flatten)]
    args: demo::DemoArgs,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    demo::run(Shop::parse().args).await
}
