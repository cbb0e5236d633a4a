//! What a value is made by that is read from a text: `serde_json::from_str::<Order>(&text)` calls what the type's attributes name.

use quote::ToTokens;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, LitStr, Token};

use super::helpers::Reason;
use super::walk::{Walk, written};
use crate::resolve::{Fallback, Generics, Head, Known};

/// The functions that read a value of the type that is expected.
const READING: &[&str] = &[
    "bincode::deserialize",
    "ciborium::from_reader",
    "postcard::from_bytes",
    "quick_xml::de::from_str",
    "rmp_serde::from_slice",
    "ron::from_str",
    "serde_json::from_reader",
    "serde_json::from_slice",
    "serde_json::from_str",
    "serde_json::from_value",
    "serde_qs::from_str",
    "serde_urlencoded::from_str",
    "serde_yaml::from_str",
    "toml::from_str",
];

/// How deep types are looked into.
const DEPTH_MAX: usize = 8;

/// What an attribute says of a value that is missing, or of how one is read.
enum Made {
    /// `default`
    Default,
    /// `default = "path"`, `deserialize_with = "path"`
    By(String),
}

/// Whether a path is that of a function that reads a value.
pub(super) fn is_reading(path: &[String]) -> bool {
    path.last().is_some_and(|last| last.starts_with("from_") || last == "deserialize")
        && READING.contains(&path.join("::").as_str())
}

impl Walk<'_> {
    /// What reading a value of the type calls.
    pub(super) fn deserialized(&mut self, known: &Known, at: &dyn ToTokens, arguments: Option<&dyn ToTokens>) {
        if let Some(reason) = self.reason_of_reading(known, 0) {
            self.found_reason(&reason, at, arguments, ("calls", &written(at)));
        }
    }

    fn reason_of_reading(&self, known: &Known, depth: usize) -> Option<Reason> {
        if depth > DEPTH_MAX {
            return None;
        }
        let of_parts = || known.arguments.iter().flatten().find_map(|part| self.reason_of_reading(part, depth + 1));
        let Head::Own(own) = &known.head else { return of_parts() };
        let shape = self.scope.shape(own)?;
        let of_own = self.scope.methods_of_trait(known, "Deserialize", "deserialize", |_| true);
        if let Some(method) = of_own.first() {
            return self.reason_of(method, &[]);
        }
        if !shape.derives.iter().any(|name| name == "Deserialize") {
            return None;
        }
        let named = |made: Made, known: Option<Known>| match (made, known) {
            (Made::Default, Some(known)) => self.reason_of_default(&known),
            (Made::By(path), _) => self.reason_of_named(own, &path),
            (Made::Default, None) => None,
        };
        let scope = self.scope.at_home(own.home);
        let of_type =
            made_by_attributes(&shape.attributes).into_iter().find_map(|made| named(made, Some(known.clone())));
        of_type.or_else(|| {
            shape.fields.iter().find_map(|field| {
                let known = scope.known(&field.ty, &Generics::new());
                let by_attributes = made_by_attributes(&field.attributes);
                let by_attributes = by_attributes.into_iter().find_map(|made| named(made, known.clone()));
                by_attributes.or_else(|| self.reason_of_reading(known.as_ref()?, depth + 1))
            })
        })
    }

    /// Why a function that an attribute of a type names is not deterministic, if it isn't.
    fn reason_of_named(&self, own: &crate::resolve::OwnType, path: &str) -> Option<Reason> {
        let _fallback = Fallback::enter();
        let call: Expr = syn::parse_str(&format!("{path}()")).ok()?;
        Walk::of_helper(self.scope.at_home(own.home), self.helpers, Generics::new()).expr_reason(&call)
    }

    fn reason_of_default(&self, known: &Known) -> Option<Reason> {
        let mut walk = Walk::of_helper(self.scope.clone(), self.helpers, Generics::new());
        walk.made_by("Default", "default", known, &Token![_](proc_macro2::Span::call_site()));
        walk.into_reason()
    }
}

/// What the `#[serde(..)]`s among the attributes name.
fn made_by_attributes(attributes: &[Attribute]) -> Vec<Made> {
    let mut made = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // What is not understood ends it, and is serde's to report.
        let _ = attribute.parse_nested_meta(|meta: ParseNestedMeta<'_>| {
            let is_default = meta.path.is_ident("default");
            let value = if meta.input.peek(Token![=]) { Some(meta.value()?.parse::<LitStr>()?.value()) } else { None };
            match value {
                Some(path) if is_default || meta.path.is_ident("deserialize_with") => made.push(Made::By(path)),
                Some(module) if meta.path.is_ident("with") => made.push(Made::By(format!("{module}::deserialize"))),
                None if is_default => made.push(Made::Default),
                _ => {}
            }
            Ok(())
        });
    }
    made
}
