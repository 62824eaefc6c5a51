//! The command line of `nunchi demo`, and what it does.

use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use clap::builder::PossibleValue;
use clap::{Args, Subcommand, ValueEnum};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::control;
use crate::fault::{Fault, Switch};
use crate::load::{self, RATE_MAX};
use crate::say::{answer, say};
use crate::shop::Shop;

/// Arguments of `nunchi demo`: run a shop of instrumented services, or switch a fault of the one that is running.
#[derive(Clone, Debug, Args)]
pub struct DemoArgs {
    #[command(subcommand)]
    command: Option<Command>,

    /// Where the shop sends its telemetry, by OTLP/HTTP
    #[arg(long, env = "NUNCHI_DEMO_ENDPOINT", default_value = "http://127.0.0.1:4318", value_name = "URL")]
    endpoint: String,

    /// Visits per second, from 0 (none) to 1000
    #[arg(long, env = "NUNCHI_DEMO_RATE", default_value_t = 5.0, value_parser = rate, value_name = "N")]
    rate: f64,

    /// The first of nine consecutive ports for the services; 0 takes free ones
    #[arg(long, env = "NUNCHI_DEMO_FIRST_PORT", default_value_t = 4330, value_name = "PORT")]
    first_port: u16,

    /// Where a running shop is told to switch faults
    #[arg(long, global = true, env = "NUNCHI_DEMO_CONTROL", default_value = "127.0.0.1:4320", value_name = "ADDR")]
    control: SocketAddr,
}

#[derive(Clone, Debug, Subcommand)]
enum Command {
    /// List the faults of the running shop, or switch one on or off
    Fault {
        /// `list`, or the name of a fault
        #[arg(value_enum, value_name = "NAME")]
        which: Which,
        /// The new position of its switch; without it, the present one is shown
        #[arg(value_enum, value_name = "on|off")]
        to: Option<Switch>,
    },
}

/// All faults, or one of them.
#[derive(Clone, Copy, Debug)]
enum Which {
    List,
    One(Fault),
}

impl ValueEnum for Which {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [Which; Fault::ALL.len() + 1] = {
            let mut all = [Which::List; Fault::ALL.len() + 1];
            let mut place = 0;
            while place < Fault::ALL.len() {
                all[place + 1] = Which::One(Fault::ALL[place]);
                place += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Which::List => PossibleValue::new("list").help("all of them, and which are on"),
            Which::One(fault) => PossibleValue::new(fault.name()).help(fault.meaning()),
        })
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=RATE_MAX).contains(&rate) { Ok(rate) } else { Err("must be from 0 to 1000".to_owned()) }
}

/// Runs `nunchi demo`: the shop, until it is interrupted, or one command to a running shop.
///
/// Must be called within a multi-threaded runtime: the shop's telemetry is exported from threads of the SDK, and the
/// last of it while the shop waits.
///
/// # Errors
///
/// When a port is taken, the endpoint is not an `http://` address, or no shop is running that could be commanded. A
/// server that does not answer is no error: the shop says so once and goes on.
pub async fn run(args: DemoArgs) -> anyhow::Result<()> {
    match args.command {
        Some(Command::Fault { which, to }) => command(args.control, which, to).await,
        None => keep_shop(args).await,
    }
}

async fn command(control: SocketAddr, which: Which, to: Option<Switch>) -> anyhow::Result<()> {
    let shown = match (which, to) {
        (Which::List, None) => control::ask(control).await?,
        (Which::List, Some(_)) => bail!("name the fault to be switched"),
        (Which::One(fault), Some(to)) => vec![control::order(control, fault, to).await?],
        (Which::One(fault), None) => {
            control::ask(control).await?.into_iter().filter(|shown| shown.name == fault.name()).collect()
        }
    };
    for fault in shown {
        answer(format_args!("{:<17} {:<4} {}", fault.name, if fault.on { "on" } else { "off" }, fault.meaning));
    }
    Ok(())
}

async fn keep_shop(args: DemoArgs) -> anyhow::Result<()> {
    let control = TcpListener::bind(args.control)
        .await
        .with_context(|| format!("{} cannot be taken: is a shop running already? (see --control)", args.control))?;
    let shop = Shop::open(&args.endpoint, args.first_port).await?;
    introduce(&shop, &args);
    let stop = CancellationToken::new();
    let visits = tokio::spawn(load::visit(shop.directory(), args.rate, stop.clone()));
    let control = tokio::spawn(control::serve(control, shop.faults().clone(), stop.clone()));
    interrupted().await?;
    say("closing the shop: finishing requests, sending the last telemetry");
    stop.cancel();
    let _ = visits.await;
    shop.close().await;
    control.abort();
    Ok(())
}

fn introduce(shop: &Shop, args: &DemoArgs) {
    let (door, endpoint, control) = (shop.door(), shop.endpoint(), args.control);
    say(format_args!("the shop is open, {} visits per second, telemetry to {endpoint}\n", args.rate));
    say(shop.table());
    say(format_args!(
        "try\n  curl http://{door}/\n  curl --json '{{\"user_id\":\"me\",\"items\":[{{\"sku\":\"teapot\",\"quantity\":1}}]}}' \
         http://{door}/checkout\n  nunchi demo fault list\n  nunchi demo fault {} on      (or: curl -X PUT --json \
         '{{\"on\":true}}' http://{control}/faults/{})\n",
        Fault::PaymentSlow.name(),
        Fault::PaymentSlow.name(),
    ));
}

/// Returns when the process is asked to stop, by the terminal or by whoever started it.
async fn interrupted() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupt = tokio::signal::ctrl_c() => interrupt?,
            _ = terminate.recv() => {}
        }
        Ok(())
    }
    #[cfg(not(unix))]
    Ok(tokio::signal::ctrl_c().await?)
}
