//! Code of the user's that panics, blocks, or takes its process down.
