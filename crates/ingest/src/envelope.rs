//! The two layers around every record: a request lists resources, a resource lists scopes, a scope lists records.
//!
//! ```text
//! Export…ServiceRequest { 1: Resource… }
//! Resource… { 1: Resource, 2: Scope…, 3: schema_url }
//! Scope… { 1: InstrumentationScope, 2: record, 3: schema_url }
//! ```
//!
//! The three signals number them alike, so that one walk serves all. Protobuf lets fields stand in any order:
//! each layer is stepped over once for its own resource or scope before its children are read.

use crate::error::DecodeError;
use crate::identity::Identity;
use crate::source::Source;
use crate::wire::Reader;

/// The messages' names in one signal, for errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    pub(crate) request: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) scope: &'static str,
    pub(crate) record: &'static str,
}

/// Takes the records of one signal into columns.
pub(crate) trait Rows {
    const NAMES: Names;

    /// A new scope begins.
    fn begin_scope(&mut self, source: &Source);
    /// One record message.
    fn record(&mut self, record: Reader<'_>, source: &Source) -> Result<(), DecodeError>;
    /// No more records of the scope.
    fn end_scope(&mut self, source: &Source);
    /// No more scopes of the resource.
    fn end_resource(&mut self, source: &Source);
}

/// Reads a whole request of one signal.
pub(crate) fn read<R: Rows>(body: &[u8], rows: &mut R) -> Result<(), DecodeError> {
    let mut identity = Identity::default();
    let mut source = Source::default();
    let mut request = Reader::new(body, R::NAMES.request);
    while let Some(field) = request.next_field()? {
        if field.number == 1 {
            let resource = field.message(R::NAMES.resource)?;
            source.resource.read(resource, &mut identity)?;
            read_scopes(resource, rows, &mut source)?;
            rows.end_resource(&source);
        }
    }
    Ok(())
}

fn read_scopes<R: Rows>(mut resource: Reader<'_>, rows: &mut R, source: &mut Source) -> Result<(), DecodeError> {
    while let Some(field) = resource.next_field()? {
        if field.number == 2 {
            let mut scope = field.message(R::NAMES.scope)?;
            source.scope.read(scope)?;
            rows.begin_scope(source);
            while let Some(field) = scope.next_field()? {
                if field.number == 2 {
                    rows.record(field.message(R::NAMES.record)?, source)?;
                }
            }
            rows.end_scope(source);
        }
    }
    Ok(())
}
