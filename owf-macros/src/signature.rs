//! Reads the parts of an `async fn` that carries one of our attributes.

use syn::parse::{Parse, ParseStream};
use syn::{Attribute, ReturnType, Signature, Token, Type, Visibility};

use crate::body::FnBody;

/// The name of the type that a function returns.
pub(crate) fn output_name(sig: &Signature) -> Option<String> {
    let ReturnType::Type(_, ty) = &sig.output else { return None };
    let Type::Path(path) = &**ty else { return None };
    path.path.segments.last().map(|last| last.ident.to_string())
}

/// An `async fn`, as far as it can be read.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// None for a declaration in a trait.
    pub(crate) body: Option<FnBody>,
    /// What is wrong with the body.
    pub(crate) body_error: Option<syn::Error>,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let sig = input.parse()?;
        if input.parse::<Option<Token![;]>>()?.is_some() {
            return Ok(Function { attrs, vis, sig, body: None, body_error: None });
        }
        let (body, body_error) = FnBody::parse(input)?;
        Ok(Function { attrs, vis, sig, body: Some(body), body_error })
    }
}
