//! All behaviours, listed once: whoever has subjects to judge makes a test of each.

/// Makes a test of each behaviour under one driver.
macro_rules! judge {
    ($subject:path; $($topic:ident { $($behaviour:ident,)+ })+) => {$(
        mod $topic {
            $(
                #[tokio::test]
                async fn $behaviour() -> crate::subjects::Verdict {
                    let name = concat!(stringify!($topic), "::", stringify!($behaviour));
                    crate::subjects::judge(stringify!($subject), name, crate::$topic::$behaviour($subject())).await
                }
            )+
        }
    )+};
}

/// All behaviours.
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
                values_reach_the_workflow_unchanged,
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
                a_thousand_sequential_steps_run,
                a_step_may_run_another_workflow_by_itself,
                what_is_said_the_first_time_is_said_once,
            }
            failures {
                a_failed_step_is_retried_until_it_succeeds,
                a_fixed_backoff_waits_the_same_each_time,
                the_default_backoff_doubles_from_a_second_with_jitter,
                a_step_without_retries_is_attempted_once,
                a_step_error_tells_step_attempts_message_and_causes,
                a_caught_step_error_stays_caught_on_replay,
                a_fatal_step_error_is_not_retried,
                retry_after_sets_the_wait,
                a_typed_error_comes_back_by_downcast,
                errors_of_all_usual_types_fail_a_step,
                a_panic_in_a_step_is_a_failed_attempt,
                a_timeout_is_a_failed_attempt,
                a_step_that_is_in_time_is_not_touched_by_its_timeout,
                an_owning_step_is_retried,
                a_step_of_one_attempt_may_own_what_cannot_be_cloned,
                a_step_whose_value_cannot_be_stored_fails_at_once,
                a_destructor_that_panics_fails_the_run_and_no_more,
                the_workflows_retries_and_backoff_hold_for_its_steps,
                a_workflow_error_reaches_the_caller,
                a_workflows_typed_error_reaches_the_caller,
                a_panic_of_the_workflow_is_its_error,
                a_panic_at_once_is_the_workflows_error,
                a_workflow_is_not_retried_unless_it_says_so,
                a_retried_run_does_not_repeat_its_steps,
                a_runs_retries_are_used_up,
                a_workflow_error_sets_the_wait_before_the_run_is_retried,
                a_fatal_workflow_error_does_not_retry_the_run,
                a_passed_on_step_error_does_not_retry_the_run,
                each_failed_attempt_of_a_checkpointed_step_is_a_re_entry,
            }
            parallel {
                joined_steps_run_concurrently,
                join_yields_values_in_the_written_order,
                a_joined_step_that_fails_leaves_the_others_alone,
                join_all_of_a_thousand_yields_values_in_order,
                join_all_of_nothing_is_empty,
                steps_that_a_loop_collects_own_what_ends_with_its_turn,
                parallel_steps_of_one_id_get_suffixes_in_program_order,
                branches_of_one_id_get_their_own_values_however_their_bodies_end,
                branches_of_steps_sleeps_and_retries_keep_to_themselves,
                the_first_to_be_recorded_wins_a_race,
                operations_of_one_type_race_for_the_value_of_the_first,
                the_losers_body_is_dropped_before_the_winner_is_handled,
                a_race_against_a_sleep_is_a_timeout,
                a_step_that_ends_in_time_wins_against_a_sleep,
                a_losers_recorded_result_is_no_divergence,
                the_losing_branch_of_a_race_stops_where_it_is,
                races_and_joins_nest,
                an_operation_that_is_awaited_by_reference_goes_on_later,
                a_losers_destructor_that_panics_changes_nothing,
                a_race_may_be_run_round_after_round,
            }
            concurrency {
                no_more_than_the_limit_run_at_a_time,
                a_limit_beyond_the_number_changes_nothing,
                two_thousand_steps_run_eight_at_a_time,
                a_branch_begins_when_one_ends,
                failures_and_children_make_room_for_the_next,
                a_limit_of_zero_is_refused,
            }
            timers {
                a_sleep_takes_its_time,
                a_sleep_is_recorded_once,
                a_sleep_of_no_time_ends,
                a_sleep_longer_than_the_clock_can_tell_ends,
                sleeps_side_by_side_overlap,
                a_sleep_that_is_not_awaited_takes_no_time,
                a_sleeps_time_counts_from_where_it_was_first_met,
                a_sleep_until_a_time_ends_then,
                a_sleep_until_a_time_that_is_past_ends_at_once,
                lengths_and_points_of_time_may_be_those_of_jiff,
                a_negative_length_of_time_is_over_at_once,
                a_sleep_until_the_far_future_ends,
                thousands_of_sleeps_take_no_real_time,
                of_timers_that_end_together_the_first_to_be_awaited_wins,
            }
            values {
                values_are_the_same_on_every_replay,
                each_value_is_another,
                now_is_the_hosts_time_where_it_stands,
                values_are_recorded_under_their_ids,
                values_race_and_join_with_other_operations,
                a_workflow_knows_its_run,
                a_step_does_not_know_its_run,
                values_in_loops_and_branches_are_the_same_on_every_replay,
            }
            signals {
                a_signal_wakes_the_run_that_waits_for_it,
                signals_before_the_wait_are_kept_in_order,
                two_waits_of_one_name_get_a_signal_each,
                a_signal_of_another_type_fails_the_wait_and_is_kept,
                a_wait_times_out_when_no_signal_comes,
                a_signal_that_is_there_beats_a_timeout_of_no_time,
                a_timeout_counts_from_the_first_await,
                the_loser_of_a_race_gives_its_signal_back,
                a_signal_in_time_wins_a_race_against_a_timer,
                a_run_sends_signals_once,
                a_run_may_signal_itself,
                signals_that_reach_nobody_fail,
                many_signals_reach_a_run_on_many_threads,
                signals_before_three_waits_come_to_them_in_order,
                a_thousand_waits_get_a_thousand_signals_in_order,
                waits_of_one_name_race_for_one_signal,
            }
            events {
                an_event_reaches_every_run_that_waits_for_it,
                an_event_reaches_those_whose_fields_match,
                an_event_is_not_kept_for_later_waits,
                each_wait_gets_the_next_event,
                an_event_of_another_type_fails_the_wait,
                a_value_that_cannot_be_matched_fails_the_wait,
                a_run_sends_events_once,
                an_event_starts_the_workflows_that_it_triggers,
                an_event_inside_a_run_starts_what_it_triggers_once,
                a_workflow_is_registered_once,
                a_payload_without_a_form_in_json_is_refused,
                a_field_is_matched_in_lists_and_objects_and_null_is_not_missing,
                a_run_hears_what_it_sends_while_it_waits,
            }
            children {
                a_child_returns_its_value,
                a_child_is_a_run_of_its_own,
                a_childs_failure_is_a_typed_error,
                a_child_is_cancelled_with_its_parent,
                a_detached_child_outlives_its_parent,
                a_child_that_loses_a_race_is_cancelled,
                a_thousand_children_fan_out_and_join,
                a_childs_id_stands_for_one_input,
                a_child_without_a_name_or_with_a_lost_input_fails,
                a_cancelled_child_is_an_error_of_its_parent,
                children_may_wait_as_long_as_they_like,
                what_follows_a_race_is_begun,
                a_child_that_is_cancelled_wins_its_race_with_an_error,
                a_run_that_would_wait_for_itself_is_refused,
                a_retried_run_keeps_its_signals_and_its_children,
                a_run_that_takes_too_long_cancels_its_children,
                a_child_is_waited_for_no_longer_than_its_timeout,
                a_child_with_a_timeout_may_fail,
                a_child_that_is_not_over_in_time_is_cancelled,
                a_detached_child_that_is_not_over_in_time_goes_on,
            }
            cancellation {
                a_run_that_waits_is_cancelled,
                a_run_is_cancelled_by_its_id,
                a_run_that_is_over_is_not_cancelled,
                a_running_steps_future_is_dropped,
                the_first_reason_stays,
                what_was_recorded_before_is_kept,
                a_wait_between_attempts_of_a_step_is_cut_short,
                a_wait_before_the_run_is_retried_is_cut_short,
                a_timer_is_cut_short,
                a_run_that_takes_too_long_is_cancelled,
                a_result_that_was_recorded_first_is_handed_on_first,
                a_cancellation_is_replayed_at_its_place,
                a_run_without_time_is_cancelled_before_its_first_step,
                a_run_whose_steps_never_wait_takes_too_long_all_the_same,
                a_run_whose_steps_never_wait_is_cancelled_between_two_of_them,
                undos_of_a_cancelled_run_wait_and_are_retried,
                parallel_steps_that_are_done_are_undone_when_the_others_are_dropped,
                a_cancelled_run_is_not_started_again,
            }
            cleanups {
                a_run_that_completes_cleans_nothing_up,
                a_run_that_fails_cleans_up_the_last_first,
                a_panic_cleans_up,
                a_cleanup_that_fails_is_told_and_stops_no_other,
                a_retried_run_cleans_up_when_it_has_failed_for_good,
                a_cancellation_comes_too_late_for_a_run_that_cleans_up,
                a_cleanup_uses_all_operations,
                cleanups_of_parallel_branches_run_in_the_order_of_recording,
                steps_that_were_done_are_undone,
                a_cleanup_that_a_replay_would_not_register_is_refused,
                races_within_parallel_branches_of_a_cleanup_run,
                a_cleanup_after_a_cancellation_reads_signals_and_runs_children,
                nothing_undoes_what_undoes,
            }
            details {
                the_last_value_is_read_from_outside,
                details_of_another_type_are_refused,
                details_without_a_form_in_json_change_nothing,
                a_cleanup_says_how_far_it_is,
            }
            cron {
                a_run_starts_at_each_time,
                a_workflow_may_have_several_schedules,
                missed_times_are_made_up_for_once,
                a_run_has_the_id_of_its_time,
                times_are_those_of_the_zone,
                a_schedule_follows_daylight_saving_in_both_directions,
                schedules_end_with_the_last_client,
                what_cannot_be_scheduled_is_refused,
            }
            compensation {
                a_failed_run_undoes_its_steps_last_first,
                a_completed_run_undoes_nothing,
                an_undo_is_given_what_its_step_returned,
                an_undo_owns_clones_of_what_it_uses,
                an_undo_uses_what_is_behind_references,
                an_undo_is_retried_as_its_step_is,
                an_undo_that_fails_is_told_and_stops_no_other,
                a_step_that_failed_is_not_undone,
                parallel_steps_are_undone_in_the_order_of_recording,
                a_repeated_step_is_undone_under_its_own_id,
                a_recorded_loser_of_a_race_is_undone,
                a_cancelled_run_undoes_its_steps,
                a_run_that_takes_too_long_undoes_its_steps,
                a_retried_run_undoes_nothing_before_its_last_attempt,
                a_typed_value_reaches_an_undo_in_a_closure,
                undos_and_cleanups_share_one_order,
                a_panic_of_the_workflow_undoes_its_steps,
                an_undo_that_panics_is_retried_told_and_stops_no_other,
                a_panic_beside_a_running_step_drops_it_and_undoes_the_others,
                a_loser_of_a_race_is_undone_as_far_as_it_came,
            }
            client {
                starting_a_run_again_gives_the_same_run,
                runs_of_other_ids_are_other_runs,
                a_known_id_with_another_input_is_refused,
                an_input_without_order_is_the_same_input,
                a_run_without_a_name_is_refused,
                a_known_id_of_another_workflow_is_refused,
                the_status_follows_the_run,
                a_result_may_be_awaited_any_number_of_times,
                a_started_run_goes_on_without_its_handle,
                records_tell_of_each_attempt,
                values_are_shown_on_request_only,
                many_runs_at_once_do_not_mix,
                runs_may_move_between_threads,
                runs_may_interleave_within_one_task,
            }
            endings {
                a_cancellation_of_a_run_that_has_failed_does_not_keep_its_undos_from_running,
                a_cancellation_of_a_run_that_undoes_its_steps_does_not_keep_it_from_waiting,
            }
        }
    };
}
