//! What a `#[durable]` function says.

use syn::{Attribute, Signature, Visibility};

use super::args::Args;
use crate::body::FnBody;

/// A function that contains durable operations.
pub(crate) struct DurableFn {
    pub(crate) args: Args,
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// None for a declaration in a trait.
    pub(crate) body: Option<FnBody>,
}
