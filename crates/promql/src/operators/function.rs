//! The functions on labels, order and presence, by their names.

use super::{info, label, order, presence};
use crate::evaluate::{Evaluation, Operand};
use crate::{Call, EvaluateError, Expr};

/// Whether a function is one of these.
pub(crate) fn is_operator_function(name: &str) -> bool {
    matches!(
        name,
        "label_replace"
            | "label_join"
            | "info"
            | "sort"
            | "sort_desc"
            | "sort_by_label"
            | "sort_by_label_desc"
            | "absent"
            | "scalar"
    )
}

/// The value of a call of one of these functions. Errors: those of its arguments, and what the function says of them.
pub(crate) fn function<'a>(evaluation: &Evaluation<'a>, call: &'a Call) -> Result<Operand<'a>, EvaluateError> {
    let first = || -> Result<&'a Expr, EvaluateError> {
        call.arguments.first().ok_or_else(|| EvaluateError::Execution("expected an argument".to_owned()))
    };
    let streams = match call.function.name {
        "label_replace" => label::replace(evaluation, &call.arguments)?,
        "label_join" => label::join(evaluation, &call.arguments)?,
        "info" => info::info(evaluation, &call.arguments)?,
        "sort" | "sort_desc" => order::by_value(evaluation, call)?,
        "sort_by_label" | "sort_by_label_desc" => order::by_label(evaluation, call)?,
        "absent" => presence::absent(evaluation, first()?)?,
        "scalar" => return Ok(Operand::Scalar(presence::scalar(evaluation, first()?)?)),
        name => return Err(EvaluateError::Execution(format!("unknown function {name}"))),
    };
    Ok(Operand::Vector(streams))
}
