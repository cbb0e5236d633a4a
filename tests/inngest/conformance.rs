//! What a workflow does must not depend on where it runs: the behaviours of `tests/conformance`, with each run driven through HTTP.
//!
//! `declared.rs` lists those that the protocol cannot express.

mod plain {
    conformance!(crate::subjects::plain);
}

mod checkpointing {
    conformance!(crate::subjects::checkpointing);
}

mod graceful {
    conformance!(crate::subjects::graceful);
}
