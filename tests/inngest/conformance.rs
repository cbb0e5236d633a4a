//! What a workflow does must not depend on where it runs: the behaviours of `tests/conformance`, through HTTP.
//!
//! What is not here the driver declares: how long a server waits between attempts, and how the caller of a run learns of its end, is the server's
//! affair (`errors.rs` has what the protocol says of it); runs are cancelled there, told nothing, and have no details; a loser's body that never ends keeps
//! its call, and a value takes a call, as a step does. Signals, events and children are in `operations.rs`, with what the server answers. Behaviours of thousands of steps are
//! left out for their time: each call carries all that is recorded.

/// Makes a test of each behaviour.
macro_rules! judge {
    ($subject:path; $($topic:ident { $($behaviour:ident,)+ })+) => {$(
        mod $topic {
            $(
                #[tokio::test]
                async fn $behaviour() -> crate::subjects::Verdict {
                    crate::subjects::judge(crate::$topic::$behaviour($subject())).await
                }
            )+
        }
    )+};
}

/// The behaviours that the protocol can express.
macro_rules! conformance {
    ($subject:path) => {
        judge! {
            $subject;
            steps {
                a_workflow_without_steps_returns_its_value,
                a_workflow_without_argument_and_result_runs,
                a_workflow_may_return_a_plain_value,
                each_effect_happens_once,
                the_code_is_entered_as_often_as_the_model_says,
                floats_reach_the_workflow_bit_by_bit,
                a_value_of_a_megabyte_reaches_the_workflow,
                repeated_ids_get_suffixes_in_program_order,
                suffixes_follow_construction_not_awaiting,
                a_suffix_never_takes_a_written_id,
                a_written_id_that_a_suffix_has_taken_gets_one_of_its_own,
                ids_may_be_computed,
                a_step_that_is_not_awaited_does_not_run,
                a_body_borrows_locals,
                an_owning_body_takes_what_it_uses,
                steps_may_stand_in_loops_and_branches,
                steps_may_stand_in_closures_and_async_blocks,
                steps_may_stand_in_the_arguments_of_macros,
                durable_helpers_nest_borrow_and_are_generic,
                a_durable_helper_may_call_itself,
                operations_of_several_types_may_be_boxed,
                a_step_may_run_another_workflow_by_itself,
                what_is_said_the_first_time_is_said_once,
            }
            failures {
                a_failed_step_is_retried_until_it_succeeds,
                a_step_without_retries_is_attempted_once,
                a_step_error_tells_step_attempts_message_and_causes,
                a_caught_step_error_stays_caught_on_replay,
                a_fatal_step_error_is_not_retried,
                a_typed_error_comes_back_by_downcast,
                errors_of_all_usual_types_fail_a_step,
                a_panic_in_a_step_is_a_failed_attempt,
                a_step_that_is_in_time_is_not_touched_by_its_timeout,
                an_owning_step_is_retried,
                a_step_of_one_attempt_may_own_what_cannot_be_cloned,
                a_step_whose_value_cannot_be_stored_fails_at_once,
                a_destructor_that_panics_fails_the_run_and_no_more,
                a_panic_of_the_workflow_is_its_error,
                a_panic_at_once_is_the_workflows_error,
                a_runs_retries_are_used_up,
                a_fatal_workflow_error_does_not_retry_the_run,
            }
            parallel {
                joined_steps_run_concurrently,
                join_yields_values_in_the_written_order,
                a_joined_step_that_fails_leaves_the_others_alone,
                join_all_of_nothing_is_empty,
                parallel_steps_of_one_id_get_suffixes_in_program_order,
                branches_of_one_id_get_their_own_values_however_their_bodies_end,
                branches_of_steps_sleeps_and_retries_keep_to_themselves,
                the_first_to_be_recorded_wins_a_race,
                operations_of_one_type_race_for_the_value_of_the_first,
                a_step_that_ends_in_time_wins_against_a_sleep,
                a_losers_recorded_result_is_no_divergence,
                the_losing_branch_of_a_race_stops_where_it_is,
                races_and_joins_nest,
                an_operation_that_is_awaited_by_reference_goes_on_later,
            }
            concurrency {
                no_more_than_the_limit_run_at_a_time,
                a_limit_beyond_the_number_changes_nothing,
                a_branch_begins_when_one_ends,
                a_limit_of_zero_is_refused,
            }
            timers {
                a_sleep_takes_its_time,
                a_sleep_longer_than_the_clock_can_tell_ends,
                a_sleep_that_is_not_awaited_takes_no_time,
                a_sleeps_time_counts_from_where_it_was_first_met,
                a_sleep_until_a_time_ends_then,
                a_sleep_until_a_time_that_is_past_ends_at_once,
                a_sleep_until_the_far_future_ends,
            }
            values {
                each_value_is_another,
                now_is_the_hosts_time_where_it_stands,
                values_race_and_join_with_other_operations,
                a_workflow_knows_its_run,
                a_step_does_not_know_its_run,
            }
            compensation {
                a_failed_run_undoes_its_steps_last_first,
                a_completed_run_undoes_nothing,
                an_undo_is_given_what_its_step_returned,
                an_undo_owns_clones_of_what_it_uses,
                a_step_that_failed_is_not_undone,
                parallel_steps_are_undone_in_the_order_of_recording,
                a_repeated_step_is_undone_under_its_own_id,
                a_recorded_loser_of_a_race_is_undone,
                a_cancelled_run_undoes_its_steps,
                a_retried_run_undoes_nothing_before_its_last_attempt,
                a_typed_value_reaches_an_undo_in_a_closure,
                undos_and_cleanups_share_one_order,
                a_panic_of_the_workflow_undoes_its_steps,
            }
        }
    };
}

mod plain {
    conformance!(crate::subjects::plain);
}

mod checkpointing {
    conformance!(crate::subjects::checkpointing);
}
