//! How a deployment changes the traffic of its endpoint.

use domain::endpoint::Retry;
use domain::rollout::{Rollout, Trial};
use domain::traffic::{Canary, Sticky};
use domain::{Name, Network, Share};

use super::demands::{SIZE, count, size};
use crate::context::{Context, Place};
use crate::file::{self, Text};

const PERCENT: &str = "whole per cent such as `5` or `5%`, 1 to 99";

/// What a deployment asks of its workers, as it is written.
pub(crate) struct Workers<'a> {
    pub(crate) memory: Option<&'a Text>,
    pub(crate) network: Option<&'a Text>,
    pub(crate) retry: Option<&'a Text>,
}

impl Context<'_> {
    /// What a deployment asks of the traffic.
    pub(crate) fn rollout(
        &mut self,
        place: &Place,
        canary: Option<&file::Canary>,
        shadow: Option<&Text>,
        sticky: Option<&Text>,
    ) -> Rollout {
        if canary.is_some() && shadow.is_some() {
            let message = "a new version is either a `canary` or a `shadow`";
            self.key_mistake(&place.with("shadow"), message);
        }
        let expected = "whole per cent such as `20`, 1 to 100";
        let shadow = self.quantity(&place.with("shadow"), shadow, expected, percent(100));
        let expected = "`header:NAME`, `cookie:NAME` or `field:NAME`";
        let sticky = self.quantity(&place.with("sticky"), sticky, expected, callers);
        let canary = canary.and_then(|canary| self.trial(&place.with("canary"), canary));
        Rollout {
            canary,
            shadow,
            sticky,
            ..Rollout::default()
        }
    }

    /// With what a deployment asks of its workers.
    pub(crate) fn workers(
        &mut self,
        place: &Place,
        asked: &Workers<'_>,
        rollout: Rollout,
    ) -> Rollout {
        let reaches = "`none`, `loopback` or `open`";
        let times = "`once` or `never`";
        Rollout {
            memory: self.quantity(&place.with("memory"), asked.memory, SIZE, size),
            network: self.quantity(&place.with("network"), asked.network, reaches, reach),
            retry: self.quantity(&place.with("retry"), asked.retry, times, again),
            ..rollout
        }
    }

    fn trial(&mut self, place: &Place, canary: &file::Canary) -> Option<Trial> {
        let share = self.quantity(
            &place.with("share"),
            Some(&canary.share),
            PERCENT,
            percent(99),
        );
        let mut steps = Vec::new();
        let mut before = share;
        for (position, text) in canary.steps.iter().enumerate() {
            let place = place.with("steps").with(position);
            let step = self.quantity(&place, Some(text), PERCENT, percent(99))?;
            if before.is_some_and(|before| step <= before) {
                let message = "the steps of a canary ascend from more than its share";
                self.key_mistake(&place, message);
                return None;
            }
            before = Some(step);
            steps.push(step);
        }
        // Its name is not known yet; the usual limits do not depend on it.
        let usual = Canary::new(Name::new("canary").ok()?);
        let seconds = self.time(&place.with("step"), canary.step.as_ref());
        let seconds = seconds.map(|span| u32::try_from(span.0 / 1000).unwrap_or(u32::MAX));
        let expected = "a number of answers, at least 1";
        let answers = canary.answers.as_ref();
        let answers = self.quantity(&place.with("answers"), answers, expected, count(1));
        let expected = "whole per cent such as `1`, 0 to 99";
        let errors = canary.errors.as_ref();
        let errors = self.quantity(&place.with("errors"), errors, expected, at_least(0, 99));
        let expected = "per cent of the others' latency, at least 100";
        let latency = canary.latency.as_ref();
        let latency = self.quantity(&place.with("latency"), latency, expected, |text| {
            count(100)(text.trim_end_matches('%'))
        });
        Some(Trial {
            share: share?,
            steps,
            step_seconds: seconds.unwrap_or(usual.step_seconds),
            answers: answers.unwrap_or(usual.answers),
            most_errors: errors.unwrap_or(usual.most_errors),
            most_latency_percent: latency,
        })
    }
}

fn percent(most: u16) -> impl Fn(&str) -> Option<Share> {
    at_least(1, most)
}

fn at_least(least: u16, most: u16) -> impl Fn(&str) -> Option<Share> {
    move |text| {
        let number: u16 = text.trim_end_matches('%').trim_end().parse().ok()?;
        (least..=most)
            .contains(&number)
            .then(|| Share::percent(number))?
    }
}

fn reach(text: &str) -> Option<Network> {
    match text {
        "none" => Some(Network::None),
        "loopback" => Some(Network::Loopback),
        "open" => Some(Network::Open),
        _ => None,
    }
}

fn again(text: &str) -> Option<Retry> {
    match text {
        "once" => Some(Retry::Once),
        "never" => Some(Retry::Never),
        _ => None,
    }
}

fn callers(text: &str) -> Option<Sticky> {
    let (by, name) = text.split_once(':')?;
    let name = name.trim().to_owned();
    match by.trim() {
        "header" => Some(Sticky::Header(name)),
        "cookie" => Some(Sticky::Cookie(name)),
        "field" => Some(Sticky::Field(name)),
        _ => None,
    }
}
