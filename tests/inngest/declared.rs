//! What the protocol cannot express of the behaviours of `tests/conformance`, and why.

/// Behaviours that do not hold, for one reason.
pub(crate) struct Declared {
    pub(crate) why: &'static str,
    /// Whether they may hold all the same, if two things happen to come in the right order.
    pub(crate) may_hold: bool,
    /// The subjects; all, if none is named.
    of: &'static [&'static str],
    behaviours: &'static [&'static str],
}

const WHERE_THE_SERVER_CANCELS: &[&str] = &["plain", "checkpointing"];

const DECLARED: &[Declared] = &[
    Declared {
        why: "a run that the server cancels is not called any more: it hears of nothing, and the server keeps no reason",
        may_hold: false,
        of: WHERE_THE_SERVER_CANCELS,
        behaviours: &[
            "cancellation::a_cancellation_is_replayed_at_its_place",
            "cancellation::a_cancelled_run_is_not_started_again",
            "cancellation::a_result_that_was_recorded_first_is_handed_on_first",
            "cancellation::a_run_that_waits_is_cancelled",
            "cancellation::a_run_whose_steps_never_wait_is_cancelled_between_two_of_them",
            "cancellation::a_wait_before_the_run_is_retried_is_cut_short",
            "cancellation::parallel_steps_that_are_done_are_undone_when_the_others_are_dropped",
            "cancellation::the_first_reason_stays",
            "cancellation::undos_of_a_cancelled_run_wait_and_are_retried",
            "cancellation::what_was_recorded_before_is_kept",
            "cleanups::a_cancellation_comes_too_late_for_a_run_that_cleans_up",
            "cleanups::a_cleanup_after_a_cancellation_reads_signals_and_runs_children",
            "compensation::a_cancelled_run_undoes_its_steps",
            "endings::a_cancellation_of_a_run_that_has_failed_does_not_keep_its_undos_from_running",
            "endings::a_cancellation_of_a_run_that_undoes_its_steps_does_not_keep_it_from_waiting",
        ],
    },
    Declared {
        why: "the server tells a call that is under way nothing: its body goes on to its end",
        may_hold: false,
        of: &[],
        behaviours: &[
            "cancellation::a_running_steps_future_is_dropped",
            "compensation::a_panic_beside_a_running_step_drops_it_and_undoes_the_others",
            "parallel::a_losers_destructor_that_panics_changes_nothing",
            "parallel::a_race_against_a_sleep_is_a_timeout",
            "parallel::the_losers_body_is_dropped_before_the_winner_is_handled",
        ],
    },
    Declared {
        why: "the server gives runs their IDs: who starts one cannot say it, nor who invokes a child",
        may_hold: false,
        of: &[],
        behaviours: &[
            "children::a_cancelled_child_is_an_error_of_its_parent",
            "children::a_child_is_a_run_of_its_own",
            "children::a_child_is_cancelled_with_its_parent",
            "children::a_child_that_is_cancelled_wins_its_race_with_an_error",
            "children::a_child_without_a_name_or_with_a_lost_input_fails",
            "children::a_childs_id_stands_for_one_input",
            "children::a_detached_child_outlives_its_parent",
            "children::a_detached_child_that_is_not_over_in_time_goes_on",
            "children::a_retried_run_keeps_its_signals_and_its_children",
            "children::a_run_that_would_wait_for_itself_is_refused",
            "client::a_known_id_of_another_workflow_is_refused",
            "client::a_known_id_with_another_input_is_refused",
            "client::a_run_without_a_name_is_refused",
            "signals::a_run_sends_signals_once",
            "signals::signals_that_reach_nobody_fail",
            "values::a_workflow_knows_its_run",
        ],
    },
    Declared {
        why: "the server does not cancel children with their parents",
        may_hold: false,
        of: &[],
        behaviours: &[
            "children::a_child_that_is_not_over_in_time_is_cancelled",
            "children::a_child_that_loses_a_race_is_cancelled",
            "children::a_run_that_takes_too_long_cancels_its_children",
        ],
    },
    Declared {
        why: "the server keeps no signals: one that nobody waits for is refused, and one that was taken is gone",
        may_hold: false,
        of: &[],
        behaviours: &[
            "signals::a_run_may_signal_itself",
            "signals::a_signal_of_another_type_fails_the_wait_and_is_kept",
        ],
    },
    Declared {
        why: "the server keeps no signals: one that was taken for the loser of a race is gone",
        may_hold: true,
        of: &[],
        behaviours: &["signals::the_loser_of_a_race_gives_its_signal_back"],
    },
    Declared {
        why: "the server has one wait for each name of a signal",
        may_hold: false,
        of: &[],
        behaviours: &[
            "signals::a_thousand_waits_get_a_thousand_signals_in_order",
            "signals::signals_before_three_waits_come_to_them_in_order",
            "signals::two_waits_of_one_name_get_a_signal_each",
            "signals::waits_of_one_name_race_for_one_signal",
        ],
    },
    Declared {
        why: "the server goes on when all is done that was planned together, unless it is racing: branches go on in step",
        may_hold: false,
        of: WHERE_THE_SERVER_CANCELS,
        behaviours: &[
            "parallel::branches_of_steps_sleeps_and_retries_keep_to_themselves",
            "signals::a_timeout_counts_from_the_first_await",
        ],
    },
    Declared {
        why: "the server counts in whole seconds, and waits for one at least",
        may_hold: false,
        of: &[],
        behaviours: &[
            "signals::a_wait_times_out_when_no_signal_comes",
            "timers::a_negative_length_of_time_is_over_at_once",
            "timers::a_sleep_of_no_time_ends",
            "compensation::a_run_that_takes_too_long_undoes_its_steps",
        ],
    },
    Declared {
        why: "where nothing is said of retries, the server's own hold, for steps and functions; and a step has no more than its function",
        may_hold: false,
        of: &[],
        behaviours: &[
            "children::a_childs_failure_is_a_typed_error",
            "failures::a_workflow_is_not_retried_unless_it_says_so",
            "failures::the_default_backoff_doubles_from_a_second_with_jitter",
            "failures::the_workflows_retries_and_backoff_hold_for_its_steps",
        ],
    },
    Declared {
        why: "an expression of the server's takes a field that is not there for one that is null",
        may_hold: false,
        of: &[],
        behaviours: &["events::a_field_is_matched_in_lists_and_objects_and_null_is_not_missing"],
    },
    Declared {
        why: "the server reads the numbers of events as floats of 64 bits",
        may_hold: false,
        of: &[],
        behaviours: &["steps::values_reach_the_workflow_unchanged"],
    },
    Declared {
        why: "to the server, a value is a step, and takes a call",
        may_hold: false,
        of: &[],
        behaviours: &["values::values_are_recorded_under_their_ids"],
    },
    Declared {
        why: "to the server, a value is a step, and takes a call",
        may_hold: false,
        of: &["plain", "graceful"],
        behaviours: &["values::values_are_the_same_on_every_replay"],
    },
    Declared {
        why: "the server keeps the source of a step in a stack trace, shows values to whoever may see the run, and knows no details",
        may_hold: false,
        of: &[],
        behaviours: &[
            "client::records_tell_of_each_attempt",
            "client::values_are_shown_on_request_only",
            "details::a_cleanup_says_how_far_it_is",
            "details::details_of_another_type_are_refused",
            "details::details_without_a_form_in_json_change_nothing",
            "details::the_last_value_is_read_from_outside",
        ],
    },
    Declared {
        why: "the server keeps the schedule, and starts runs by it",
        may_hold: false,
        of: &[],
        behaviours: &[
            "cron::a_run_has_the_id_of_its_time",
            "cron::a_run_starts_at_each_time",
            "cron::a_schedule_follows_daylight_saving_in_both_directions",
            "cron::a_workflow_may_have_several_schedules",
            "cron::missed_times_are_made_up_for_once",
            "cron::schedules_end_with_the_last_client",
            "cron::times_are_those_of_the_zone",
        ],
    },
    Declared {
        why: "the server keeps no signals: one that nobody waits for is refused, and one that was taken is gone",
        may_hold: false,
        of: &["graceful"],
        behaviours: &["cleanups::a_cleanup_after_a_cancellation_reads_signals_and_runs_children"],
    },
    Declared {
        why: "a step that is planned before it runs is come to twice",
        may_hold: false,
        of: &["graceful"],
        behaviours: &[
            "cancellation::a_cancellation_is_replayed_at_its_place",
            "steps::what_is_said_the_first_time_is_said_once",
        ],
    },
    Declared {
        why: "the run goes on with the winner: a loser whose body has not begun does not run",
        may_hold: false,
        of: &[],
        behaviours: &["compensation::a_recorded_loser_of_a_race_is_undone"],
    },
    Declared {
        why: "each attempt is a call of its own",
        may_hold: false,
        of: &["checkpointing"],
        behaviours: &["failures::each_failed_attempt_of_a_checkpointed_step_is_a_re_entry"],
    },
    Declared {
        why: "the run goes on with the winner, and may be over before the loser is",
        may_hold: true,
        of: &["plain", "graceful"],
        behaviours: &["parallel::a_losers_recorded_result_is_no_divergence"],
    },
    Declared {
        why: "each call carries all that is recorded, and so many take minutes",
        may_hold: false,
        of: &[],
        behaviours: &["concurrency::two_thousand_steps_run_eight_at_a_time"],
    },
    Declared {
        why: "each call carries all that is recorded, and so many take minutes",
        may_hold: false,
        of: &["graceful"],
        behaviours: &[
            "children::a_thousand_children_fan_out_and_join",
            "parallel::join_all_of_a_thousand_yields_values_in_order",
            "steps::a_thousand_sequential_steps_run",
        ],
    },
];

/// Why a behaviour does not hold; `None` if it has to.
pub(crate) fn find(subject: &str, name: &str) -> Option<&'static Declared> {
    let subject = subject.rsplit(':').next().unwrap_or_default().trim();
    let is_of = |declared: &&Declared| declared.of.is_empty() || declared.of.contains(&subject);
    DECLARED.iter().filter(is_of).find(|declared| declared.behaviours.contains(&name))
}
