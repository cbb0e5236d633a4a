//! `step!(id, options, body)`.

mod callees;
pub(crate) mod captures;
mod check;
mod content;
mod expand;
mod kept;
pub(crate) mod leaving;
pub(crate) mod model;
pub(crate) mod mutation;
mod options;
mod parse;
mod shape;
mod syntax;
mod tail;
mod transaction;
mod undo;

pub(crate) use callees::{plain_function, unawaited_body};
pub(crate) use check::check_step;
pub(crate) use expand::{Around, expand_step};
pub(crate) use model::Body;
pub(crate) use mutation::owned_mutations;
pub(crate) use parse::{parse_step, read_step};
