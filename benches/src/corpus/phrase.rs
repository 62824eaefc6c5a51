//! Text with varying words, ids and numbers, as programs write it.

use super::dice::Dice;

const WORDS: [&str; 64] = [
    "account",
    "address",
    "basket",
    "batch",
    "billing",
    "branch",
    "bucket",
    "budget",
    "carrier",
    "catalog",
    "channel",
    "circuit",
    "client",
    "cluster",
    "consumer",
    "country",
    "coupon",
    "courier",
    "currency",
    "customer",
    "deadline",
    "delivery",
    "deposit",
    "discount",
    "document",
    "endpoint",
    "exchange",
    "gateway",
    "heartbeat",
    "image",
    "index",
    "invoice",
    "label",
    "ledger",
    "locale",
    "manifest",
    "margin",
    "merchant",
    "migration",
    "offer",
    "package",
    "partition",
    "passenger",
    "pipeline",
    "policy",
    "preview",
    "product",
    "promotion",
    "provider",
    "quota",
    "receipt",
    "refund",
    "region",
    "reservation",
    "review",
    "schedule",
    "session",
    "shipment",
    "snapshot",
    "stock",
    "supplier",
    "tariff",
    "voucher",
    "warehouse",
];

const PATHS: [&str; 12] = [
    "/api/v1/cart",
    "/api/v1/cart/items",
    "/api/v1/orders",
    "/api/v1/orders/search",
    "/api/v1/products",
    "/api/v1/products/recommended",
    "/api/v1/payments",
    "/api/v1/payments/refunds",
    "/api/v1/shipments",
    "/api/v1/users/me",
    "/healthz",
    "/static/app.js",
];

/// The template with each `{…}` replaced: `word`, `path`, `ms`, `n`, `user`, `ip`, `hex` or `uuid`.
pub(crate) fn fill(template: &str, dice: &mut Dice) -> String {
    let mut filled = String::with_capacity(template.len() + 64);
    for piece in template.split('{') {
        match piece.split_once('}') {
            None => filled.push_str(piece),
            Some((hole, rest)) => {
                filled.push_str(&filling(hole, dice));
                filled.push_str(rest);
            }
        }
    }
    filled
}

fn filling(hole: &str, dice: &mut Dice) -> String {
    match hole {
        "word" => dice.pick(&WORDS).to_owned(),
        "path" => dice.pick(&PATHS).to_owned(),
        "ms" => format!("{}.{}", dice.skewed(800), dice.below(10)),
        "n" => dice.skewed(10_000).to_string(),
        "user" => format!("u-{}", 100_000 + dice.skewed(50_000)),
        "ip" => format!("10.{}.{}.{}", dice.below(4), dice.below(64), dice.below(256)),
        "hex" => format!("{:08x}", dice.below(0xffff_ffff)),
        "uuid" => format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            dice.below(0xffff_ffff),
            dice.below(0xffff),
            dice.below(0xfff),
            dice.below(0xfff),
            dice.below(0xffff_ffff_ffff)
        ),
        unknown => unreachable!("no such hole: {unknown}"),
    }
}
