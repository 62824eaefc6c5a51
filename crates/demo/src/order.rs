//! What is sold: products, baskets, orders.

use serde::{Deserialize, Serialize};

/// The most different items in one basket: enough for a demo, and a bound on what one request can cost.
pub(crate) const ITEMS_MAX: usize = 20;

/// The most pieces of one item.
pub(crate) const QUANTITY_MAX: u32 = 100;

/// Everything the shop sells.
pub(crate) const CATALOGUE: [Product; 8] = [
    Product { sku: "teapot", title: "Cast-iron teapot", price_cents: 5_490 },
    Product { sku: "mug", title: "Stoneware mug", price_cents: 1_290 },
    Product { sku: "sencha", title: "Sencha, 100 g", price_cents: 980 },
    Product { sku: "oolong", title: "Oolong, 100 g", price_cents: 1_450 },
    Product { sku: "whisk", title: "Bamboo whisk", price_cents: 2_200 },
    Product { sku: "scale", title: "Pocket scale", price_cents: 3_100 },
    Product { sku: "kettle", title: "Kettle with thermometer", price_cents: 8_900 },
    Product { sku: "tin", title: "Tea tin", price_cents: 690 },
];

/// One product of the catalogue.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Product {
    pub(crate) sku: &'static str,
    pub(crate) title: &'static str,
    pub(crate) price_cents: u64,
}

impl Product {
    pub(crate) fn by_sku(sku: &str) -> Option<&'static Product> {
        CATALOGUE.iter().find(|product| product.sku == sku)
    }
}

/// Some pieces of one product.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) sku: String,
    pub(crate) quantity: u32,
}

/// What a visitor wants to buy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Basket {
    pub(crate) user_id: String,
    pub(crate) items: Vec<Item>,
    #[serde(default)]
    pub(crate) card: Card,
}

impl Basket {
    /// Whether this is something that can be ordered at all; otherwise the reason why not.
    pub(crate) const fn check(&self) -> Result<(), &'static str> {
        if self.items.is_empty() {
            return Err("the basket is empty");
        }
        if self.items.len() > ITEMS_MAX {
            return Err("the basket has more than 20 items");
        }
        Ok(())
    }
}

/// How a visitor pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Card {
    #[default]
    Valid,
    Expired,
}

/// A basket that was paid for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) order_id: String,
    pub(crate) user_id: String,
    pub(crate) items: Vec<Item>,
    pub(crate) amount_cents: u64,
}

/// Cents as the decimal number that people read in logs and metrics.
#[allow(clippy::cast_precision_loss, reason = "amounts are far below 2^53 cents")]
pub(crate) fn euros(cents: u64) -> f64 {
    cents as f64 / 100.0
}
