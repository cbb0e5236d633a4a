//! What a workflow does must not depend on where it runs: each behaviour is written and listed once, and judged under
//! every driver.

#[macro_use]
mod behaviours;
mod cancellation;
mod children;
mod cleanups;
mod client;
mod clock;
mod compensation;
mod concurrency;
mod contract;
mod cron;
mod details;
mod endings;
mod events;
mod failures;
mod hooks;
mod interruptions;
mod parallel;
#[cfg_attr(
    all(feature = "inngest", not(feature = "sqlite")),
    expect(dead_code, reason = "drivers with threads of their own use it")
)]
mod probe;
mod signals;
mod spy;
#[cfg(feature = "sqlite")]
mod sqlite;
mod steps;
mod subjects;
mod timers;
mod values;

/// What drivers that decide by hooks promise besides.
macro_rules! hooks_conformance {
    ($subject:path) => {
        judge! {
            $subject;
            contract {
                hooks_are_called_in_order,
                invoke_calls_the_same_hooks_as_start,
                parallel_operations_are_found_together_in_program_order,
                each_attempt_that_ended_is_told_once,
                a_workflow_error_tells_whether_the_run_is_retried,
                records_carry_outputs_where_memos_are_kept,
                all_times_come_from_the_drivers_host,
                every_recorded_memo_is_returned_in_the_order_of_recording,
                memos_of_waits_are_returned,
                no_memos_are_returned_for_an_unknown_run,
                a_run_that_the_driver_failed_is_taken_up_where_it_stood,
            }
            interruptions {
                a_cancellation_that_a_driver_interrupts_at_goes_on,
                a_run_that_has_not_begun_is_cancelled,
                a_child_ends_with_a_run_that_is_dropped,
                dropping_an_invocation_stops_the_run,
                children_are_cancelled_once_their_parents_cancellation_is_recorded,
                the_children_of_a_run_that_the_driver_failed_go_on,
            }
        }
    };
}

mod in_memory {
    conformance!(crate::subjects::in_memory);

    mod hooks {
        hooks_conformance!(crate::subjects::in_memory);
    }
}

mod checkpoint {
    conformance!(crate::subjects::checkpoint);

    mod hooks {
        hooks_conformance!(crate::subjects::checkpoint);
    }
}

#[cfg(feature = "sqlite")]
mod sqlite_driver {
    conformance!(crate::subjects::sqlite);
}

#[cfg(feature = "sqlite")]
mod sqlite_driver_suspending {
    conformance!(crate::subjects::sqlite_suspending);
}
