//! The orders queue between checkout and shipping: bounded, and it carries trace context as a broker's headers do.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use opentelemetry::trace::{SpanContext, TraceContextExt as _};
use opentelemetry::{Context, propagation::TextMapPropagator as _};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tokio::sync::{Mutex, mpsc};

use crate::order::Order;

/// The name that spans and metrics call the queue by.
pub(crate) const DESTINATION: &str = "orders";

/// Orders that may wait. Half a minute of the default load: long enough to see the depth rise, short enough to see what
/// happens when it is full.
pub(crate) const ORDERS_MAX: usize = 64;

/// One order on its way to shipping.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) order: Order,
    pub(crate) queued_at: Instant,
    headers: HashMap<String, String>,
}

impl Message {
    /// A message sent from within `context`, whose span becomes the message's origin.
    pub(crate) fn new(order: Order, context: &Context) -> Self {
        let mut headers = HashMap::new();
        TraceContextPropagator::new().inject_context(context, &mut headers);
        Self { order, queued_at: Instant::now(), headers }
    }

    /// The span that sent the message, as told by its headers; invalid if they tell nothing.
    pub(crate) fn origin(&self) -> SpanContext {
        let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &self.headers);
        context.span().span_context().clone()
    }
}

/// The queue has no room.
#[derive(Debug)]
pub(crate) struct Full;

/// The queue. It outlives its consumer, as a broker's does; a clone is the same queue.
#[derive(Clone, Debug)]
pub(crate) struct Orders {
    sender: mpsc::Sender<Message>,
    receiver: Arc<Mutex<mpsc::Receiver<Message>>>,
}

impl Orders {
    /// An empty queue.
    pub(crate) fn new() -> Self {
        let (sender, receiver) = mpsc::channel(ORDERS_MAX);
        Self { sender, receiver: Arc::new(Mutex::new(receiver)) }
    }

    /// Puts an order in, or fails at once when the queue is full.
    pub(crate) fn publish(&self, message: Message) -> Result<(), Full> {
        self.sender.try_send(message).map_err(|_| Full)
    }

    /// Takes the oldest order out, or waits for one. Nothing is lost when the waiting is given up.
    pub(crate) async fn next(&self) -> Option<Message> {
        self.receiver.lock().await.recv().await
    }

    /// Takes the oldest order out, if there is one.
    pub(crate) async fn next_waiting(&self) -> Option<Message> {
        self.receiver.lock().await.try_recv().ok()
    }

    /// How many orders wait.
    pub(crate) fn depth(&self) -> usize {
        self.sender.max_capacity() - self.sender.capacity()
    }
}
