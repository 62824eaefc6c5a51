//! The suite that every catalog must pass.

use std::future::Future;
use std::sync::Arc;

use model::{Table, TenantId, TimeRange, UnixNanos};
use wal::Lsn;

use super::{
    Catalog, CatalogError, CatalogSeq, CatalogState, Edit, Lease, LeaseHolder, LeaseTerm, NewPin, Partition, Pin, PinId,
};
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

    let remove = vec![block("a").id, block("b").id];
    let swap = Edit { add: vec![block("c")], remove, pin: Some(pin(1)), ..Edit::default() };
    let seq = catalog.commit(&swap, seq).await.unwrap();
    a_partition_has_one_holder(&*catalog).await;
    a_lost_lease_commits_nothing(&*catalog).await;
    drop(catalog);
    let catalog = open().await;
    let state = catalog.load().await.unwrap();
    let (wal_floor, blocks, pins) = (Lsn::new(7), vec![block("c")], vec![pin(1)]);
    assert_eq!(state, CatalogState { seq: CatalogSeq::new(seq.get() + 1), wal_floor, blocks, pins });

    let unpin = Edit { pin: Some(pin(4)), unpin: vec![PinId::new(1)], ..Edit::default() };
    catalog.commit(&unpin, state.seq).await.unwrap();
    assert_eq!(catalog.load().await.unwrap().pins, [pin(4)]);
}

/// Asks for a lease at a time, and says whether it was given.
async fn acquire(catalog: &dyn Catalog, holder: LeaseHolder, hour: i64, now: i64) -> Option<Lease> {
    let partition = Partition { hour: UnixNanos::new(hour), ..Partition::of(&block("c")) };
    let term = LeaseTerm { now: UnixNanos::new(now), expires: UnixNanos::new(now + 10) };
    let lease = catalog.acquire_lease(&partition, holder, term).await.unwrap();
    assert!(lease.as_ref().is_none_or(|lease| lease.partition == partition));
    lease
}

async fn a_partition_has_one_holder(catalog: &dyn Catalog) {
    let (one, other) = (LeaseHolder::COMPACTION, LeaseHolder::TRIMMING);
    let first = acquire(catalog, one, 0, 100).await.unwrap();
    assert_eq!(acquire(catalog, other, 0, 109).await, None, "it is held");
    let elsewhere = acquire(catalog, other, 7, 100).await.unwrap();
    catalog.release_lease(&elsewhere).await.unwrap();

    catalog.renew_lease(&first, UnixNanos::new(120)).await.unwrap();
    assert_eq!(acquire(catalog, other, 0, 119).await, None, "it was renewed");
    let second = acquire(catalog, other, 0, 120).await.unwrap();
    assert_ne!(first.token, second.token);
    let error = catalog.renew_lease(&first, UnixNanos::new(200)).await.unwrap_err();
    assert!(matches!(error, CatalogError::LeaseLost), "{error}");
    catalog.release_lease(&first).await.unwrap();
    assert_eq!(acquire(catalog, one, 0, 121).await, None, "who has lost it cannot give it back");

    let again = acquire(catalog, other, 0, 121).await.unwrap();
    assert_ne!(second.token, again.token, "the holder took it anew");
    assert!(catalog.renew_lease(&second, UnixNanos::new(200)).await.is_err());
    catalog.renew_lease(&again, UnixNanos::new(120)).await.unwrap();
    catalog.renew_lease(&again, UnixNanos::new(130)).await.unwrap();
    catalog.release_lease(&again).await.unwrap();
    let released = acquire(catalog, one, 0, 121).await.unwrap();
    catalog.release_lease(&released).await.unwrap();
}

async fn a_lost_lease_commits_nothing(catalog: &dyn Catalog) {
    let (one, other) = (LeaseHolder::COMPACTION, LeaseHolder::TRIMMING);
    let before = catalog.load().await.unwrap();
    let add = |lease: &Lease, id| Edit { add: vec![block(id)], lease: Some(lease.clone()), ..Edit::default() };
    let lost = acquire(catalog, one, 0, 100).await.unwrap();
    let held = acquire(catalog, other, 0, 110).await.unwrap();
    let error = catalog.commit(&add(&lost, "d"), before.seq).await.unwrap_err();
    assert!(matches!(error, CatalogError::LeaseLost), "{error}");
    assert_eq!(catalog.load().await.unwrap(), before);

    // What is held commits, expired or not, until somebody takes it.
    let same = Edit { remove: vec![block("c").id], ..add(&held, "c") };
    let seq = catalog.commit(&same, before.seq).await.unwrap();
    catalog.release_lease(&held).await.unwrap();
    let error = catalog.commit(&add(&held, "f"), seq).await.unwrap_err();
    assert!(matches!(error, CatalogError::LeaseLost), "{error}");
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
        Edit { add: vec![block("d")], remove: vec![block("x").id], ..Edit::default() },
        Edit { add: vec![block("d")], unpin: vec![PinId::new(9)], ..Edit::default() },
        Edit { pin: Some(pin(9)), remove: vec![block("x").id], ..Edit::default() },
        Edit { add: vec![block("d")], wal_floor: Some(Lsn::new(6)), ..Edit::default() },
    ];
    for edit in misfits {
        let error = catalog.commit(&edit, seq).await.unwrap_err();
        assert!(matches!(error, CatalogError::Invalid(_)), "{error}");
        assert_eq!(catalog.load().await.unwrap(), before);
    }
}

fn pin(id: u64) -> Pin {
    let range = TimeRange { from: UnixNanos::MIN, to: UnixNanos::new(9) };
    let expires = id.is_multiple_of(2).then_some(UnixNanos::MAX);
    let asked = NewPin { tenant: TenantId::default_tenant(), range, reason: "why: \"so\"".to_owned(), expires };
    Pin { id: PinId::new(id), asked, created: UnixNanos::new(-1) }
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
