//! `step!(id, options, body)`.

pub(crate) mod captures;
mod check;
mod expand;
mod model;
mod mutation;
mod options;
mod parse;
mod tail;

pub(crate) use check::check_step;
pub(crate) use expand::{Around, expand_step};
pub(crate) use parse::parse_step;
