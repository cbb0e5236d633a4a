//! What a `#[durable]` function says.

use syn::{Attribute, Signature, Visibility};

use crate::body::{Context, FnBody};

/// A function that contains durable operations.
pub(crate) struct DurableFn {
    pub(crate) is_boxed: bool,
    pub(crate) context: Context,
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// None for a declaration in a trait.
    pub(crate) body: Option<FnBody>,
}
