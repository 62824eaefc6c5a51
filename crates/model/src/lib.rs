//! What a span, a log record and a metric point *are* in Nunchi. No I/O, no serde, no clock.
//!
//! - [`TraceId`], [`SpanId`], [`UnixNanos`], [`TimeRange`]: ids and times.
//! - [`Value`], [`Attributes`], [`AttributesWriter`]: typed attributes and the one codec of their columns.
//! - [`PromotedColumn`], [`Promoter`], [`Residual`], [`Restorer`]: hot keys of a block as columns, and what is left.
//! - [`Signal`], [`Table`]: what comes in, and the tables it is stored in, each with a constant schema.
//! - [`Batch`], [`TenantId`]: rows of one table, and whose they are.
//! - [`Mark`]: what was changed about a record on arrival.
//! - [`Selectors`]: Kubernetes label selectors over who sent a record, see [`resource_attribute_keys`].
//! - [`TextQuery`]: words, phrases and fields that a log record or span must have.
//! - [`Tokenizer`], [`Necessary`]: what indexes know of a record, and what a query needs of it in those terms.

mod ids;
mod time;
mod value;
mod attributes;
mod value_text;
mod promoted;
mod signal;
mod table;
mod batch;
mod tenant;
mod columns;
mod logs;
mod spans;
mod links;
mod metrics;
mod digests;
mod mark;
mod selector;
mod text_query;

pub use attributes::{
    Attributes, AttributesWriter, CODEC, DamagedAttributes, Entry, List, Open, VALUE_DEPTH_MAX, ValueRef,
};
pub use batch::Batch;
pub use columns::{CONTENT_ATTRIBUTES, CONTENT_ID, CONTENT_KEY, CONTENT_VALUE};
pub use digests::{clock_bound_fields, duration_bucket, duration_fields, duration_of_bucket};
pub use ids::{IdError, SpanId, TraceId, hex};
pub use mark::{Mark, Marks};
pub use metrics::{REMOTE_WRITE_SCOPE, quantile_fields};
pub use promoted::{
    AttributeSet, DamagedPromotion, DamagedResidual, PROMOTED_COLUMNS_MAX, PROMOTED_KEY_BYTES_MAX, PROMOTION_KEY,
    Promoted, PromotedCells, PromotedColumn, PromotedKind, PromotedUse, Promoter, Promotion, RESIDUAL_CODEC, Residual,
    ResidualItem, Restorer,
};
pub use selector::{
    LABEL_NAME_BYTES_MAX, LABEL_PREFIX_BYTES_MAX, LABEL_VALUE_BYTES_MAX, LabelSyntaxError, Labels, Operator,
    Requirement, RequirementError, ResourceLabels, SELECTOR_ALTERNATIVES_MAX, SELECTOR_BYTES_MAX,
    SELECTOR_REQUIREMENTS_MAX, Selector, SelectorError, SelectorProblem, Selectors, resource_attribute_keys,
    resource_label, resource_text,
};
pub use signal::Signal;
pub use spans::{event_fields, link_fields};
pub use table::{Table, UnknownTable};
pub use tenant::{TenantError, TenantId};
pub use text_query::{
    Comparison, FieldTest, Literal, Necessary, Number, PATTERN_BYTES_MAX, PATTERN_COMPILED_BYTES_MAX, Pattern,
    PatternError, TEXT_QUERY_BYTES_MAX, TEXT_QUERY_NESTING_MAX, TEXT_QUERY_PATTERNS_MAX, TEXT_QUERY_TERMS_MAX,
    TextNode, TextQuery, TextQueryError, TextQueryProblem, TextRecord, TextTerm, Tokenizer, Words,
};
pub use time::{DurationError, HOUR_NANOS, TimeError, TimeRange, UnixNanos, parse_duration};
pub use value::Value;
pub use value_text::value_text;
