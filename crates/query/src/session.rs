//! A DataFusion session over one snapshot: our tables, our functions, bounded memory, nothing else.

use std::sync::Arc;

use datafusion::catalog::{
    CatalogProvider, MemoryCatalogProvider, MemoryCatalogProviderList, MemorySchemaProvider, SchemaProvider,
};
use datafusion::catalog::{CatalogProviderList, TableProvider};
use datafusion::common::Result;
use datafusion::common::ScalarValue;
use datafusion::datasource::ViewTable;
use datafusion::datasource::provider_as_source;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{GreedyMemoryPool, TrackConsumersPool};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::execution::{FunctionRegistry, SessionStateDefaults};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, col, lit};
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::prelude::{SessionConfig, SessionContext};
use model::{Table, TenantId, TimeRange, UnixNanos};
use object_store::memory::InMemory;
use store::Snapshot;

use crate::attr;
use crate::config::Config;
use crate::coverage::Tally;
use crate::tables::{ProjectBelowUnion, SeriesTable, SnapshotTable};

const CATALOG: &str = "nunchi";
const SCHEMA: &str = "public";

/// What makes as much as a number in the statement says, past the memory limit: it would end the process. The table
/// functions `range` and `generate_series` stay, as they give rows one batch at a time.
const UNBOUNDED_FUNCTIONS: [&str; 7] =
    ["repeat", "lpad", "rpad", "array_repeat", "array_resize", "range", "generate_series"];

/// The parts of a session that do not change from question to question.
#[derive(Clone)]
pub(crate) struct Sessions {
    base: SessionState,
    blocks_url: ObjectStoreUrl,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

/// What one session sees.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) tenant: TenantId,
    pub(crate) snapshot: Arc<Snapshot>,
    /// Rows outside are not seen.
    pub(crate) range: TimeRange,
    pub(crate) tally: Arc<Tally>,
}

impl View {
    /// The same rows, counted apart.
    pub(crate) fn with_own_tally(&self) -> Self {
        Self { tally: Arc::default(), ..self.clone() }
    }

    /// Whether any block that was to be read has turned out to be damaged or gone. The next scan leaves it out and says
    /// so.
    pub(crate) fn has_unreadable(&self) -> bool {
        // Whoever reads bytes that are not what was written makes it known.
        self.snapshot.all_blocks().any(|block| block.is_known_damaged() && self.tally.has_read(&block.meta().id))
    }
}

impl Sessions {
    /// Sessions within these limits.
    pub(crate) fn new(config: &Config) -> Result<Self> {
        let pool = GreedyMemoryPool::new(config.memory_bytes_max);
        let consumers = std::num::NonZeroUsize::new(3).expect("3 is not 0");
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(TrackConsumersPool::new(pool, consumers)))
            // Spilling would let a question fill the disk that ingest needs.
            .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled))
            .build_arc()?;
        let blocks_url = ObjectStoreUrl::parse("blocks://local")?;
        // DataFusion asks for one; blocks are read by themselves, so it holds nothing.
        runtime.register_object_store(blocks_url.as_ref(), Arc::new(InMemory::new()));
        let session_config = SessionConfig::new()
            .with_default_catalog_and_schema(CATALOG, SCHEMA)
            .with_create_default_catalog_and_schema(false)
            .with_information_schema(true)
            .set_str("datafusion.sql_parser.dialect", "PostgreSQL");
        let mut planners = vec![attr::expr_planner()];
        planners.extend(SessionStateDefaults::default_expr_planners());
        let mut rules = PhysicalOptimizer::default().rules;
        rules.insert(0, Arc::new(ProjectBelowUnion));
        let mut base = SessionStateBuilder::new()
            .with_config(session_config)
            .with_runtime_env(runtime)
            .with_default_features()
            .with_expr_planners(planners)
            .with_physical_optimizer_rules(rules)
            .build();
        attr::register(&mut base)?;
        for name in UNBOUNDED_FUNCTIONS {
            base.deregister_udf(name)?;
        }
        Ok(Self { base, blocks_url })
    }

    /// A session that sees the view's tables and nothing else.
    pub(crate) fn open(&self, view: &View) -> Result<SessionContext> {
        let schema = Arc::new(MemorySchemaProvider::new());
        for table in Table::ALL {
            let provider = match table {
                // A point may be younger than the newest description of its series, so the range does not apply.
                Table::Series => Arc::new(SeriesTable::new(self.stored(view, table))),
                table => self.within_range(view, table)?,
            };
            schema.register_table(table.name().to_owned(), provider)?;
        }
        let catalog = MemoryCatalogProvider::new();
        catalog.register_schema(SCHEMA, schema)?;
        let catalogs = MemoryCatalogProviderList::new();
        catalogs.register_catalog(CATALOG.to_owned(), Arc::new(catalog));
        let state =
            SessionStateBuilder::new_from_existing(self.base.clone()).with_catalog_list(Arc::new(catalogs)).build();
        Ok(SessionContext::new_with_state(state))
    }

    /// All rows of the table that are stored.
    fn stored(&self, view: &View, table: Table) -> SnapshotTable {
        SnapshotTable {
            table,
            tenant: view.tenant.clone(),
            snapshot: Arc::clone(&view.snapshot),
            blocks_url: self.blocks_url.clone(),
            tally: Arc::clone(&view.tally),
        }
    }

    /// The rows of the table in the view's range. Of `series` these are descriptions, several per series.
    pub(crate) fn within_range(&self, view: &View, table: Table) -> Result<Arc<dyn TableProvider>> {
        let provider = Arc::new(self.stored(view, table));
        let Some(filter) = within(table, view.range) else { return Ok(provider) };
        let plan =
            LogicalPlanBuilder::scan(table.name(), provider_as_source(provider), None)?.filter(filter)?.build()?;
        Ok(Arc::new(ViewTable::new(plan, None)))
    }
}

/// The range as a filter on the table's time column; `None` for all of time.
fn within(table: Table, range: TimeRange) -> Option<Expr> {
    let at = |time: UnixNanos| lit(ScalarValue::TimestampNanosecond(Some(time.get()), Some("UTC".into())));
    let from = (range.from != UnixNanos::MIN).then(|| col(table.time_column()).gt_eq(at(range.from)));
    let to = (range.to != UnixNanos::MAX).then(|| col(table.time_column()).lt(at(range.to)));
    match (from, to) {
        (Some(from), Some(to)) => Some(from.and(to)),
        (from, to) => from.or(to),
    }
}
