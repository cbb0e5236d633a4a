//! Values that differ each time they are asked for, recorded so that they are the same on every replay.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::SystemTime;

use uuid::Uuid;

use crate::arrival::{Arrival, Source, arrivals};
use crate::durable::{Durable, sealed::Sealed};
use crate::error::StepError;
use crate::kernel::{IntoStepName, OperationSpec};
use crate::value::StepValue;

/// The time when the workflow first came here.
///
/// It is recorded without ending the invocation, as [`random`] and [`uuid()`] are.
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn stamp() -> WorkflowResult<std::time::SystemTime> {
///     Ok(now("stamped at").await?)
/// }
/// ```
#[track_caller]
pub fn now<'n>(id: impl IntoStepName<'n>) -> HostValue<SystemTime> {
    HostValue(Arrival::new(id, OperationSpec::Value, Source::Host(|now, _, _| now)))
}

/// A random value: any integer, a float from 0 to 1 (exclusive), a `bool`, or bytes `[u8; 16]`.
///
/// It comes from the driver's host, which is no source for keys and tokens: draw those in a step.
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn dice() -> WorkflowResult<u32> {
///     Ok(random::<u32>("throw").await? % 6 + 1)
/// }
/// ```
#[track_caller]
pub fn random<'n, T: Random>(id: impl IntoStepName<'n>) -> HostValue<T> {
    HostValue(Arrival::new(id, OperationSpec::Value, Source::Host(|_, high, low| T::from_bits(bits(high, low)))))
}

/// A random UUID (version 4).
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn charge(cents: u64) -> WorkflowResult<String> {
///     let key = uuid("idempotency key").await?;
///     Ok(step!("charge", format!("charged {cents} under {key}")).await?)
/// }
/// ```
#[track_caller]
pub fn uuid<'n>(id: impl IntoStepName<'n>) -> HostValue<Uuid> {
    let make = |_, high, low| uuid::Builder::from_random_bytes(bits(high, low).to_be_bytes()).into_uuid();
    HostValue(Arrival::new(id, OperationSpec::Value, Source::Host(make)))
}

fn bits(high: u64, low: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

/// What [`now`], [`random`] and [`uuid()`] return: awaiting it yields `Result<T, StepError>`.
#[must_use = "a value is not made unless it is awaited: add `.await`"]
pub struct HostValue<T>(Arrival<T>);

arrivals! {
    HostValue<T: StepValue> => T: required;
}

/// A type that [`random`] makes values of.
#[diagnostic::on_unimplemented(
    message = "`random` makes no `{Self}`",
    label = "expected an integer, a float, `bool` or `[u8; 16]`",
    note = "draw anything else in a step: `step!(\"draw\", rand::random::<{Self}>())`"
)]
pub trait Random: StepValue {
    /// A value of 128 random bits.
    fn from_bits(bits: u128) -> Self;
}

macro_rules! random_integers {
    ($($integer:ty)+) => {$(
        impl Random for $integer {
            fn from_bits(bits: u128) -> Self {
                // The high bits of a generator are its best ones.
                (bits >> (128 - <$integer>::BITS)) as $integer
            }
        }
    )+};
}

random_integers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

impl Random for bool {
    fn from_bits(bits: u128) -> Self {
        bits >> 127 == 1
    }
}

impl Random for f64 {
    fn from_bits(bits: u128) -> Self {
        // As many bits as the fraction holds, so that every value is as likely as its neighbours.
        (bits >> (128 - 53)) as f64 / (1u64 << 53) as f64
    }
}

impl Random for f32 {
    fn from_bits(bits: u128) -> Self {
        (bits >> (128 - 24)) as f32 / (1u32 << 24) as f32
    }
}

impl Random for [u8; 16] {
    fn from_bits(bits: u128) -> Self {
        bits.to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_below_one() {
        assert!(<f64 as Random>::from_bits(u128::MAX) < 1.0);
        assert!(<f32 as Random>::from_bits(u128::MAX) < 1.0);
        assert_eq!(<f64 as Random>::from_bits(0), 0.0);
    }

    #[test]
    fn integers_take_the_high_bits() {
        assert_eq!(<u8 as Random>::from_bits(0xab << 120), 0xab);
        assert_eq!(<u128 as Random>::from_bits(7), 7);
    }
}
