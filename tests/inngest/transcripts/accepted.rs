//! The differences that stay, each with its reason. A line that nothing needs any more fails the test.

use super::compare::Difference;

pub(super) struct Accepted {
    pub(super) paths: &'static [&'static str],
    /// The functions; all, if none is named.
    functions: &'static [&'static str],
    #[expect(dead_code, reason = "it is for whoever reads this")]
    reason: &'static str,
}

/// A path, and the functions for which it is accepted.
pub(super) type Place = (&'static [&'static str], &'static str);

impl Accepted {
    /// Where a difference is accepted.
    pub(super) fn covers(&self, difference: &Difference) -> Option<Place> {
        let is_function = |function: &&str| difference.call.starts_with(&format!("{function} #"));
        if !self.functions.is_empty() && !self.functions.iter().any(is_function) {
            return None;
        }
        self.places().find(|(_, path)| *path == difference.path)
    }

    pub(super) fn places(&self) -> impl Iterator<Item = Place> {
        self.paths.iter().map(|path| (self.functions, *path))
    }
}

/// What differs for each set of functions.
pub(super) const EVERYWHERE: &[Accepted] = &[
    Accepted {
        paths: &["body[].error.data"],
        functions: &[],
        reason: "the error as it is recorded here, in the field that the server leaves to SDKs: its type, its value and its causes come back",
    },
    Accepted {
        paths: &["body.cause"],
        functions: &[],
        reason: "the step whose error the function has passed on, in the only field that the server keeps of a function's error: whoever is told of \
                 the failure knows it, too",
    },
    Accepted {
        paths: &["sent[].body.sdk", "sent[].body.framework"],
        functions: &[],
        reason: "another SDK, without a framework",
    },
    Accepted {
        paths: &["sent[].body.capabilities.connect", "sent[].body.capabilities.in_band_sync"],
        functions: &[],
        reason: "it does not connect by WebSocket, and says that it syncs in-band, which the TypeScript SDK does without saying",
    },
    Accepted {
        paths: &["sent[].body.featureObservations"],
        functions: &[],
        reason: "how the TypeScript SDK's own features are used",
    },
    Accepted {
        paths: &[
            "sent[].body.steps[].fulfilled",
            "sent[].body.steps[].handled",
            "sent[].body.steps[].hasStepState",
            "sent[].body.steps[].hashedId",
            "sent[].body.steps[].memoizationDeferred",
            "sent[].body.steps[].middleware",
            "sent[].body.steps[].mode",
            "sent[].body.steps[].promise",
            "sent[].body.steps[].rawArgs",
            "sent[].body.steps[].transformedResultPromise",
        ],
        functions: &[],
        reason: "the TypeScript SDK sends its own bookkeeping along with a reported step",
    },
];

/// What differs for the functions of `functions.mjs`.
pub(super) const FIRST: &[Accepted] = &[
    Accepted { paths: &["body[].name"], functions: &["sleeps"], reason: "a point in time that each call makes anew" },
    Accepted {
        paths: &["body", "body[].data"],
        functions: &["sends"],
        reason: "`send_events` yields nothing, on any driver, so that the function cannot return the IDs of its events",
    },
    Accepted {
        paths: &["body[].opts.parallelMode"],
        functions: &["race"],
        reason: "`race!` goes on when one arm is done, as it does on any driver, and not when all are; the TypeScript SDK says this for \
                 `group.parallel({ mode: \"race\" })`",
    },
];

/// What differs for the functions of `further/functions.mjs`.
pub(super) const FURTHER: &[Accepted] = &[
    Accepted {
        paths: &["body.cause.owf:end"],
        functions: &[],
        reason: "as `body.cause`, beside a cause that is there",
    },
    Accepted {
        paths: &[
            "body[].fulfilled",
            "body[].handled",
            "body[].hasStepState",
            "body[].hashedId",
            "body[].memoizationDeferred",
            "body[].middleware",
            "body[].mode",
            "body[].promise",
            "body[].rawArgs",
            "body[].transformedResultPromise",
        ],
        functions: &[],
        reason: "the TypeScript SDK sends its own bookkeeping along with a step that it has buffered",
    },
    Accepted {
        paths: &["body[].error.cause.name", "body[].error.cause.stack"],
        functions: &["custom-error"],
        reason: "of a cause its text is known, and not its type",
    },
    Accepted {
        paths: &["headers.retry-after"],
        functions: &["step-retry-after-date"],
        reason: "`retry_after` takes a length of time; the server reads both",
    },
    Accepted {
        paths: &[
            "status",
            "headers.x-inngest-no-retry",
            "body.name",
            "body.stack",
            "body.cause.name",
            "body.cause.message",
            "body.cause.stack",
            "body.cause.cause",
        ],
        functions: &["wrapped"],
        reason: "an error that wraps a step's is the step's, on any driver: it is what is recorded, and to try the function again would end in \
                 the same. The TypeScript SDK tries it again, and gets there",
    },
    Accepted {
        paths: &[
            "body[]",
            "body[].data",
            "body[].displayName",
            "body[].id",
            "body[].name",
            "body[].op",
            "body[].opts",
            "body[].opts.parallelMode",
            "body[].opts.timeout",
            "body[].timing",
            "body[].userland",
            "body[].userland.id",
            "sent[]",
        ],
        functions: &["race-event", "race-steps", "race-timer"],
        reason: "after a `race!` a step is planned, alone: the losers are dropped. The TypeScript SDK plans them again beside it, so that the \
                 server waits for them, and runs the next step twice where the losers are steps",
    },
];
