//! The differences that stay, each with its reason. A line that nothing needs any more fails the test.

use super::compare::Difference;

pub(super) struct Accepted {
    pub(super) paths: &'static [&'static str],
    /// The function, where it is one's alone.
    function: Option<&'static str>,
    #[expect(dead_code, reason = "it is for whoever reads this")]
    reason: &'static str,
}

impl Accepted {
    /// The path under which a difference is accepted.
    pub(super) fn covers(&self, difference: &Difference) -> Option<&'static str> {
        let is_function = |function: &str| difference.call.starts_with(&format!("{function} #"));
        if !self.function.is_none_or(is_function) {
            return None;
        }
        self.paths.iter().copied().find(|path| *path == difference.path)
    }
}

pub(super) const ACCEPTED: &[Accepted] = &[
    Accepted {
        paths: &["body[].error.data", "body.cause.data"],
        function: None,
        reason: "the error as it is recorded here, in the field that the server leaves to SDKs: its type, its value and its causes come back",
    },
    Accepted { paths: &["body[].name"], function: Some("sleeps"), reason: "a point in time that each call makes anew" },
    Accepted {
        paths: &["body", "body[].data"],
        function: Some("sends"),
        reason: "`send_events` yields nothing, on any driver, so that the function cannot return the IDs of its events",
    },
    Accepted {
        paths: &["body[].opts.parallelMode"],
        function: Some("race"),
        reason: "`race!` goes on when one arm is done, as it does on any driver, and not when all are; the TypeScript SDK says this for \
                 `group.parallel({ mode: \"race\" })`",
    },
    Accepted {
        paths: &["sent[].body.sdk", "sent[].body.framework"],
        function: None,
        reason: "another SDK, without a framework",
    },
    Accepted {
        paths: &["sent[].body.capabilities.connect", "sent[].body.capabilities.in_band_sync"],
        function: None,
        reason: "it does not connect by WebSocket, and says that it syncs in-band, which the TypeScript SDK does without saying",
    },
    Accepted {
        paths: &["sent[].body.featureObservations"],
        function: None,
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
        function: None,
        reason: "the TypeScript SDK sends its own bookkeeping along with a reported step",
    },
];
