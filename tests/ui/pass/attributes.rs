//! Visibility, documentation and other attributes go with the workflow.
#![deny(missing_docs, missing_debug_implementations, unreachable_pub, warnings)]
//! As a crate.

/// Workflows.
pub mod workflows {
    use owf_runtime::prelude::*;

    /// Documented.
    #[workflow]
    pub async fn documented(n: u32) -> u32 {
        n
    }

    #[workflow]
    pub(crate) async fn restricted(n: u32) -> u32 {
        n
    }

    /// Old.
    #[deprecated = "use another"]
    #[workflow]
    pub async fn old(n: u32) -> u32 {
        n
    }

    /// Behind the attribute.
    #[workflow]
    #[cfg(any())]
    pub async fn left_out(n: Missing) -> AlsoMissing {
        n
    }

    /// With a lint attribute.
    #[workflow]
    #[allow(unused_variables)]
    pub async fn allows(n: u32) -> u32 {
        1
    }

    /// With an expectation.
    #[workflow]
    #[expect(unused_variables)]
    pub async fn expects(n: u32) -> u32 {
        1
    }

    /// With `#[inline]`, and attributes on the argument.
    #[workflow]
    #[inline]
    #[must_use]
    pub async fn inlined(#[allow(unused_mut)] mut n: u32) -> u32 {
        n
    }

    /// A raw name.
    #[workflow]
    pub async fn r#type(n: u32) -> u32 {
        n
    }
}

use owf_runtime::Workflow as _;

fn main() {
    assert_eq!(workflows::documented::NAME, "documented");
    assert_eq!(workflows::r#type::NAME, "type");
    #[allow(deprecated)]
    let copies = (workflows::old, workflows::restricted, workflows::allows, workflows::expects, workflows::inlined);
    let _ = (copies, copies);
    let _ = workflows::documented;
}
