//! The contract of stores: each behaviour is written and listed once, and judged on every store.

mod commits;
mod events;
mod faults;
mod files;
mod kill;
mod lists;
mod mail;
mod owners;
mod parents;
mod runs;
mod subjects;
mod transact;
mod triggers;

/// Makes a test of each behaviour on one store.
macro_rules! judge {
    ($subject:path; $($topic:ident { $($behaviour:ident,)+ })+) => {$(
        mod $topic {
            $(
                #[tokio::test]
                async fn $behaviour() -> crate::subjects::Verdict {
                    crate::$topic::$behaviour(&$subject()).await
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
            runs {
                a_new_run_is_created_and_a_known_one_is_left,
                a_run_of_another_workflow_or_input_is_refused,
                runs_of_one_call_are_judged_one_after_the_other,
                a_run_may_be_created_for_a_worker,
                what_a_run_was_created_with_comes_back,
                a_failed_run_can_be_retried,
                a_run_that_goes_on_cannot_be_retried,
                a_parked_run_is_not_due_until_it_is_retried,
                a_fork_has_the_finished_memos_up_to_a_place,
                a_fork_has_what_was_latest_at_its_place,
                a_fork_needs_a_run_and_a_free_id,
                a_deleted_run_leaves_nothing,
                a_run_that_is_owned_or_awaited_is_not_deleted,
                runs_expire_the_oldest_first,
            }
            owners {
                runs_are_claimed_the_longest_due_first,
                a_claimed_run_is_nobody_elses,
                only_runs_of_registered_workflows_are_claimed,
                runs_of_a_newer_version_are_left_alone,
                a_run_is_not_claimed_before_its_time,
                the_runs_of_a_worker_whose_lease_is_over_are_due,
                a_renewed_lease_keeps_its_runs,
                a_replaced_worker_is_told_so,
                an_unregistered_worker_hands_back_its_runs,
                a_stale_lease_changes_nothing,
                claims_without_a_commit_are_counted,
                the_next_due_time_is_known,
            }
            commits {
                memos_come_back_as_they_went_in_and_in_order,
                a_later_memo_replaces_the_one_under_its_id,
                the_history_has_each_attempt,
                commits_of_one_call_are_independent,
                a_refused_commit_leaves_its_neighbours_alone,
                details_and_attempts_are_kept,
                a_suspended_run_is_due_at_its_time,
                a_finished_run_has_its_end,
                ten_thousand_memos_come_back_in_order,
            }
            mail {
                mail_comes_back_as_it_was_sent,
                mail_is_numbered_in_the_order_of_arrival,
                mail_makes_a_suspended_run_due,
                mail_that_its_owner_has_not_seen_makes_a_run_due,
                mail_that_was_consumed_makes_no_run_due,
                mail_for_an_owned_run_is_told,
                a_signal_does_not_begin_a_run_before_its_time_and_a_cancellation_does,
                mail_of_one_key_is_delivered_once,
                mail_for_nobody_is_told_so,
                consumed_mail_is_gone_with_its_commit,
                numbers_of_mail_are_not_used_again,
                a_run_sends_to_others_in_its_commit,
            }
            events {
                an_event_becomes_mail_of_every_wait_that_matches,
                an_event_that_lacks_a_field_does_not_match,
                a_wait_is_over_after_one_event,
                a_dropped_wait_gets_nothing,
                an_event_is_published_once_under_its_key,
                a_new_wait_of_an_operation_replaces_the_old_one,
                a_run_publishes_in_its_commit,
                a_childs_end_is_mail_of_its_parent,
                a_child_that_is_over_already_answers_at_once,
                a_child_that_is_another_run_is_not_awaited,
                a_finished_run_waits_no_longer,
            }
            parents {
                parents_of_due_runs_that_are_not_known_are_woken,
                a_woken_parent_still_waits_for_its_child,
                a_parent_of_a_child_that_is_not_due_sleeps_on,
                a_parent_that_does_not_sleep_stays_as_it_is,
                a_parent_whose_code_is_elsewhere_sleeps_on,
            }
            triggers {
                an_event_starts_the_workflows_that_say_so,
                triggers_are_replaced_unless_they_are_of_a_newer_version,
                a_cron_trigger_keeps_its_last_tick,
                a_tick_never_moves_backwards,
            }
            lists {
                runs_are_listed_the_youngest_first_and_in_pages,
                runs_are_filtered,
                a_page_stays_where_it_was,
                a_run_tells_its_key,
                what_is_not_known_is_not_found,
                notices_tell_of_due_and_finished_runs,
            }
        }
    };
}

mod memory {
    conformance!(crate::subjects::memory);
}

mod sqlite {
    conformance!(crate::subjects::sqlite);
}

mod faultless {
    conformance!(crate::subjects::faultless);
}
