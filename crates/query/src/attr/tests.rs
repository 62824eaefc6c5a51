//! A block answers as the whole sets would, whatever it has promoted.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BinaryViewArray, RecordBatch};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::util::pretty::pretty_format_columns;
use datafusion::config::ConfigOptions;
use datafusion::logical_expr::{Operator, ScalarUDF};
use datafusion::physical_expr::expressions::{BinaryExpr, Column, Literal, in_list};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_expr_adapter::PhysicalExprAdapterFactory;
use datafusion::scalar::ScalarValue;
use model::{
    AttributeSet, AttributesWriter, PROMOTION_KEY, PromotedColumn, PromotedKind, PromotedUse, Promoter, Promotion,
    Table, Value,
};
use proptest::prelude::*;

use super::AttrAdapterFactory;
use super::entries::Entries;
use super::form::Form;
use super::function::Attr;

type Expr = Arc<dyn PhysicalExpr>;

fn literal(value: ScalarValue) -> Expr {
    Arc::new(Literal::new(value))
}

fn attr(form: Form, key: &str) -> Expr {
    let arguments = vec![Arc::new(Column::new("attributes", 0)) as Expr, literal(ScalarValue::from(key))];
    call(Attr::udf(form), arguments)
}

fn call(function: Arc<ScalarUDF>, arguments: Vec<Expr>) -> Expr {
    let options = Arc::new(ConfigOptions::default());
    Arc::new(ScalarFunctionExpr::try_new(function, arguments, &whole_schema(), options).unwrap())
}

fn entries(keys: &[&str]) -> Expr {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    call(Entries::udf(keys), vec![Arc::new(Column::new("attributes", 0))])
}

fn compare(left: Expr, operator: Operator, right: Expr) -> Expr {
    Arc::new(BinaryExpr::new(left, operator, right))
}

/// A table that has nothing but the sets.
fn whole_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Table::Logs.schema().field_with_name("attributes").unwrap().clone()]))
}

fn encode(entries: &[(String, Value)]) -> Vec<u8> {
    let mut writer = AttributesWriter::new();
    for (key, value) in entries {
        writer.key(key);
        writer.value(value);
    }
    writer.as_bytes().to_vec()
}

/// The sets as a table has them, and as a block has them that has promoted these columns.
fn batches(rows: &[Vec<(String, Value)>], columns: &[PromotedColumn]) -> (RecordBatch, RecordBatch) {
    let sets: BinaryViewArray = rows.iter().map(|row| Some(encode(row))).collect();
    let mut promoter = Promoter::new(columns);
    let promoted = promoter.promote(&sets);
    let used = |(column, array): (&PromotedColumn, &ArrayRef)| PromotedUse {
        column: column.clone(),
        values: (array.len() - array.null_count()) as u64,
        is_mixed: promoter.is_mixed(column),
    };
    let promotion = Promotion::new(columns.iter().zip(&promoted.columns).map(used).collect());
    let mut fields: Vec<Field> = vec![whole_schema().field(0).clone()];
    fields.extend(columns.iter().map(PromotedColumn::field));
    let metadata = [(PROMOTION_KEY.to_owned(), promotion.to_text())].into();
    let schema = Arc::new(Schema::new_with_metadata(fields, metadata));
    let whole: ArrayRef = Arc::new(sets);
    let residual: ArrayRef = if columns.is_empty() { Arc::clone(&whole) } else { Arc::new(promoted.residual) };
    let arrays = std::iter::once(residual).chain(promoted.columns).collect();
    (RecordBatch::try_new(whole_schema(), vec![whole]).unwrap(), RecordBatch::try_new(schema, arrays).unwrap())
}

fn evaluate(expr: &Expr, batch: &RecordBatch) -> ArrayRef {
    expr.evaluate(batch).unwrap().into_array(batch.num_rows()).unwrap()
}

fn in_terms_of(block: &RecordBatch, expr: &Expr) -> Expr {
    AttrAdapterFactory.create(whole_schema(), block.schema()).unwrap().rewrite(Arc::clone(expr)).unwrap()
}

/// Values of every type, and texts that other types are written as.
fn any_value() -> impl Strategy<Value = Value> {
    let floats = prop_oneof![Just(5.0), Just(5.5), Just(-0.0), Just(f64::NAN), Just(1e300), any::<f64>()];
    let texts = prop_oneof![Just("5"), Just("005"), Just("5.5"), Just("true"), Just("NaN"), Just("abc"), Just("")];
    prop_oneof![
        4 => prop_oneof![-3..9i64, Just(1 << 53), Just((1 << 53) + 1), any::<i64>()].prop_map(Value::Int),
        3 => texts.prop_map(|text| Value::Text(text.to_owned())),
        2 => floats.prop_map(Value::Float),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => prop_oneof![
            Just(Value::Null),
            Just(Value::Bytes(vec![1, 2])),
            Just(Value::List(vec![Value::Int(5)])),
            Just(Value::Map(vec![("k".to_owned(), Value::Int(5))])),
        ],
    ]
}

/// Mostly one type under `k`, anything under the others, keys twice and not at all.
fn any_rows() -> impl Strategy<Value = Vec<Vec<(String, Value)>>> {
    let uniform = (0..4i64).prop_map(|number| ("i".to_owned(), Value::Int(number)));
    let entry = prop_oneof![
        2 => uniform,
        3 => (prop_oneof![Just("k"), Just("l")], any_value()).prop_map(|(key, value)| (key.to_owned(), value)),
    ];
    proptest::collection::vec(proptest::collection::vec(entry, 0..5), 1..24)
}

fn any_columns() -> impl Strategy<Value = Vec<PromotedColumn>> {
    let all: Vec<_> = ["i", "k", "l"]
        .into_iter()
        .flat_map(|key| PromotedKind::ALL.map(|kind| PromotedColumn::new(AttributeSet::Record, kind, key).unwrap()))
        .collect();
    proptest::sample::subsequence(all, 0..=12).prop_shuffle()
}

fn any_expr() -> impl Strategy<Value = Expr> {
    let form = proptest::sample::select(Form::ALL.to_vec());
    let key = proptest::sample::select(vec!["i", "k", "l", "absent"]);
    let operator = proptest::sample::select(vec![
        Operator::Eq,
        Operator::NotEq,
        Operator::Lt,
        Operator::LtEq,
        Operator::Gt,
        Operator::GtEq,
    ]);
    let numbers = prop_oneof![Just(5.0), Just(2.5), Just(-0.0), Just(1.0), Just(9e15), Just(f64::NAN), any::<f64>()];
    let texts = prop_oneof![Just("5"), Just("005"), Just("1"), Just("true"), Just("abc")];
    let bound = (numbers, -2..7i64, texts, any::<bool>());
    (form, key, operator, bound, 0..6u8).prop_map(|(form, key, operator, (number, integer, text, truth), shape)| {
        let member = |nth: i64| match form {
            Form::Text if nth == 0 => ScalarValue::Utf8View(Some(text.to_owned())),
            Form::Text => ScalarValue::Utf8View(Some(nth.to_string())),
            Form::Int => ScalarValue::Int64(Some(integer + nth)),
            Form::Float => ScalarValue::Float64(Some(number + nth as f64)),
            Form::Bool => ScalarValue::Boolean(Some(truth != (nth % 2 == 1))),
        };
        let call = attr(form, key);
        match shape {
            0 => call,
            1 => compare(call, operator, literal(member(0))),
            2 => compare(literal(member(0)), operator, call),
            3 => {
                let members = (0..4).map(|nth| literal(member(nth))).collect();
                in_list(call, members, &truth, &whole_schema()).unwrap()
            }
            4 => entries(&[key, "l"]),
            _ => Arc::new(Column::new("attributes", 0)),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_expression_gives_what_it_gives_over_whole_sets(
        rows in any_rows(), columns in any_columns(), expr in any_expr()
    ) {
        let (whole, block) = batches(&rows, &columns);
        let rewritten = in_terms_of(&block, &expr);
        let (expected, found) = (evaluate(&expr, &whole), evaluate(&rewritten, &block));
        prop_assert_eq!(expected.data_type(), &rewritten.data_type(&block.schema()).unwrap());
        let text = |column| pretty_format_columns("", &[column]).unwrap().to_string();
        prop_assert_eq!(text(expected), text(found), "{} became {}", expr, rewritten);
    }
}

/// What becomes of the expression in a block with these promoted columns, of which each holds a value of its key.
#[track_caller]
fn check(columns: &[&str], expr: Expr, expected: &str) {
    let columns: Vec<_> = columns.iter().map(|name| PromotedColumn::from_name(name).unwrap()).collect();
    let of = |column: &PromotedColumn| match column.kind() {
        PromotedKind::Text => Value::Text("t".to_owned()),
        PromotedKind::Int => Value::Int(1),
        PromotedKind::Float => Value::Float(0.5),
        PromotedKind::Bool => Value::Bool(true),
    };
    let rows: Vec<_> = columns.iter().map(|column| vec![(column.key().to_owned(), of(column))]).collect();
    let (_, block) = batches(&rows, &columns);
    assert_eq!(in_terms_of(&block, &expr).to_string(), expected);
}

#[test]
fn a_promoted_key_is_a_column_and_nothing_else_is_read() {
    let of_text = || attr(Form::Text, "k");
    let of_float = || attr(Form::Float, "k");
    let number = |number: f64| literal(ScalarValue::Float64(Some(number)));
    let text = |text: &str| literal(ScalarValue::Utf8View(Some(text.to_owned())));
    check(&["a.s.k"], of_text(), "a.s.k@1");
    check(&["a.s.l", "a.s.k"], compare(of_text(), Operator::Eq, text("v")), "a.s.k@2 = v");
    check(&["a.i.k"], of_text(), "promoted_attr(a.i.k@1)");
    check(&["a.i.k", "a.s.k"], of_text(), "promoted_attr(a.i.k@1, a.s.k@2)");
    check(&["a.s.l"], of_text(), "promoted_attr(attributes@0)");
    check(&["a.b.k"], of_float(), "NULL");
    check(&["a.i.k"], attr(Form::Int, "k"), "a.i.k@1");
    check(&["a.f.k"], compare(of_float(), Operator::Gt, number(0.5)), "a.f.k@1 > 0.5");
    check(&["a.i.k"], compare(of_float(), Operator::GtEq, number(499.5)), "a.i.k@1 >= 500");
    check(&["a.i.k"], compare(number(500.0), Operator::GtEq, of_float()), "a.i.k@1 <= 500");
    check(&["a.i.k"], compare(of_text(), Operator::NotEq, text("500")), "a.i.k@1 != 500");
    check(&["a.i.k"], compare(of_text(), Operator::Eq, text("0500")), "promoted_attr(a.i.k@1) = 0500");
    check(&["a.s.k"], Arc::new(Column::new("attributes", 0)), "restore(attributes@0, a.s.k@1)");
    check(&["a.s.l", "a.s.k"], entries(&["k"]), "promoted_entries(attributes@0, a.s.k@2)");
    check(&["r.s.k"], of_text(), "attr(attributes@0, k)");
}

#[test]
fn of_a_set_that_is_kept_whole_only_calls_become_columns() {
    let promotion = |is_mixed| {
        let column = PromotedColumn::from_name("r.s.k").unwrap();
        Promotion::new(vec![PromotedUse { column, values: 1, is_mixed }]).to_text()
    };
    let set = Table::Logs.schema().field_with_name("resource_attributes").unwrap().clone();
    let logical = Arc::new(Schema::new(vec![set.clone()]));
    let check = |is_mixed, expr: Expr, expected: &str| {
        let fields = vec![PromotedColumn::from_name("r.s.k").unwrap().field(), set.clone()];
        let metadata = [(PROMOTION_KEY.to_owned(), promotion(is_mixed))].into();
        let physical = Arc::new(Schema::new_with_metadata(fields, metadata));
        let adapter = AttrAdapterFactory.create(Arc::clone(&logical), physical).unwrap();
        assert_eq!(adapter.rewrite(expr).unwrap().to_string(), expected);
    };
    let whole = || Arc::new(Column::new("resource_attributes", 0)) as Expr;
    let call = |key: &str| {
        let arguments = vec![whole(), literal(ScalarValue::from(key))];
        let options = Arc::new(ConfigOptions::default());
        Arc::new(ScalarFunctionExpr::try_new(Attr::udf(Form::Text), arguments, &logical, options).unwrap()) as Expr
    };
    check(false, call("k"), "r.s.k@0");
    check(true, call("k"), "attr(resource_attributes@1, k)");
    check(false, call("other"), "attr(resource_attributes@1, other)");
    check(false, whole(), "resource_attributes@1");
}
