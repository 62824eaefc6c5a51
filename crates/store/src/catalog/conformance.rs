//! The suite that every catalog must pass.

use std::future::Future;
use std::sync::Arc;

use model::{Table, TenantId, UnixNanos};
use wal::Lsn;

use super::{Catalog, CatalogError, CatalogSeq, Edit};
use crate::block::{BlockId, BlockMeta};

/// Runs the suite. `open` opens the same, at first empty, catalog each time.
pub(crate) async fn check<F: Future<Output = Arc<dyn Catalog>>>(open: impl Fn() -> F) {
    let catalog = open().await;
    let empty = catalog.load().await.unwrap();
    assert_eq!((empty.seq, empty.wal_floor, empty.blocks.len()), (CatalogSeq::new(0), Lsn::new(0), 0));

    let edit = Edit { add: vec![block("a"), block("b")], wal_floor: Some(Lsn::new(7)), ..Edit::default() };
    let seq = catalog.commit(&edit, empty.seq).await.unwrap();
    assert_eq!(seq, CatalogSeq::new(1));
    let state = catalog.load().await.unwrap();
    assert_eq!((state.seq, state.wal_floor, state.blocks.clone()), (seq, Lsn::new(7), edit.add.clone()));

    a_stale_writer_is_refused(&*catalog).await;
    an_edit_that_does_not_fit_changes_nothing(&*catalog, seq).await;

    let swap = Edit { add: vec![block("c")], remove: vec![block("a").id, block("b").id], wal_floor: None };
    let seq = catalog.commit(&swap, seq).await.unwrap();
    drop(catalog);
    let state = open().await.load().await.unwrap();
    assert_eq!((state.seq, state.wal_floor, state.blocks), (seq, Lsn::new(7), vec![block("c")]));
}

async fn a_stale_writer_is_refused(catalog: &dyn Catalog) {
    let before = catalog.load().await.unwrap();
    let edit = Edit { add: vec![block("z")], ..Edit::default() };
    let error = catalog.commit(&edit, CatalogSeq::new(0)).await.unwrap_err();
    assert!(matches!(error, CatalogError::Conflict { expected: 0, found: 1 }), "{error}");
    assert_eq!(catalog.load().await.unwrap(), before);
}

async fn an_edit_that_does_not_fit_changes_nothing(catalog: &dyn Catalog, seq: CatalogSeq) {
    let before = catalog.load().await.unwrap();
    let misfits = [
        Edit { add: vec![block("d"), block("a")], ..Edit::default() },
        Edit { add: vec![block("d")], remove: vec![block("x").id], wal_floor: None },
        Edit { add: vec![block("d")], wal_floor: Some(Lsn::new(6)), ..Edit::default() },
    ];
    for edit in misfits {
        let error = catalog.commit(&edit, seq).await.unwrap_err();
        assert!(matches!(error, CatalogError::Invalid(_)), "{error}");
        assert_eq!(catalog.load().await.unwrap(), before);
    }
}

fn block(id: &str) -> BlockMeta {
    BlockMeta {
        id: BlockId::from_stored(id.to_owned()),
        tenant: TenantId::default_tenant(),
        table: Table::Logs,
        hour: UnixNanos::new(0),
        rows: 3,
        bytes: 4_096,
        min_time: UnixNanos::new(-5),
        max_time: UnixNanos::new(9),
        checksum: u32::MAX,
    }
}

#[tokio::test]
async fn the_catalog_of_other_tests_keeps_the_contract_while_nothing_fails() {
    let catalog: Arc<dyn Catalog> = Arc::new(super::UnreliableCatalog::new(&[]));
    check(|| async { Arc::clone(&catalog) }).await;
}
