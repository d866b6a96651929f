//! Rules over lines and samples of machines that have what they look for.

use crate::rules::{HEAD, amount, at, catalog, context, found, line};
use crate::support::Fixture;
use domain::day::Day;
use tradewind_costs::rules::utilization::{self, Machine, Samples};
use tradewind_costs::rules::{Action, Applied, Apply, Before, Context, advise};

#[test]
fn volumes_of_zones_without_machines_and_idle_addresses_are_unattached() {
    let fixture = Fixture::new();
    let mut csv = HEAD.to_owned();
    for day in 1..=28 {
        line(
            &mut csv,
            (day, 0),
            "1",
            "Compute",
            "a",
            "i-1",
            "m5.large",
            "BoxUsage:m5.large",
            "24",
        );
        line(
            &mut csv,
            (day, 0),
            "0.1",
            "Compute",
            "a",
            "vol-used",
            "",
            "EBS:VolumeUsage.gp3",
            "24",
        );
        line(
            &mut csv,
            (day, 0),
            "0.5",
            "Compute",
            "b",
            "vol-lost",
            "",
            "EBS:VolumeUsage.gp3",
            "24",
        );
        line(
            &mut csv,
            (day, 0),
            "0.2",
            "Compute",
            "",
            "eipalloc-1",
            "",
            "ElasticIP:IdleAddress",
            "24",
        );
    }
    fixture.import(&fixture.file("june.csv", csv)).unwrap();
    let advice = found(&context(&fixture, None), "unattached-storage");
    let subjects: Vec<&str> = advice.iter().map(|one| one.subject.as_str()).collect();
    assert_eq!(subjects, ["vol-lost", "eipalloc-1"]);
    assert_eq!(advice[0].saving_per_month, Some(amount("15.22")));
    assert!(
        matches!(&advice[0].apply, Apply::Owner { command } if command.contains("create-snapshot"))
    );
}

#[test]
fn notebooks_that_never_stop_are_found_and_those_that_compute_are_not() {
    let fixture = Fixture::new();
    let mut csv = HEAD.to_owned();
    for day in 1..=14 {
        for hour in 0..24 {
            for name in ["nb-forgotten", "nb-trains"] {
                line(
                    &mut csv,
                    (day, hour),
                    "0.1",
                    "AI and Machine Learning",
                    "a",
                    name,
                    "",
                    "USE1-Notebk:ml.t3.medium",
                    "1",
                );
            }
            if (9..17).contains(&hour) {
                line(
                    &mut csv,
                    (day, hour),
                    "0.1",
                    "AI and Machine Learning",
                    "a",
                    "nb-daily",
                    "",
                    "USE1-Notebk:ml.t3.medium",
                    "1",
                );
            }
        }
    }
    fixture.import(&fixture.file("june.csv", csv)).unwrap();
    let machines = [
        machine("nb-trains", 60.0, 7),
        machine("nb-forgotten", 1.0, 7),
    ];
    let context = Context {
        machines: &machines,
        ..context(&fixture, None)
    };
    let advice = found(&context, "idle-notebooks");
    assert_eq!(advice.len(), 1, "{advice:?}");
    assert_eq!(advice[0].subject, "nb-forgotten");
    assert!(advice[0].evidence[1].contains("1.0 %"), "{advice:?}");
}

fn machine(name: &str, cpu: f32, days: i32) -> Machine {
    let day = |n| Samples {
        day: Day::from_days(20_000 + n),
        cpu: vec![cpu; 288],
    };
    Machine {
        name: name.to_owned(),
        hourly: None,
        days: (0..days).map(day).collect(),
    }
}

#[test]
fn an_idle_accelerator_is_one_of_a_machine_and_no_machine() {
    let fixture = Fixture::new();
    let mut csv = HEAD.to_owned();
    line(
        &mut csv,
        (1, 0),
        "24",
        "Compute",
        "a",
        "arn:aws:ec2:us-east-1:1:instance/gpu-1",
        "p3.2xlarge",
        "BoxUsage:p3.2xlarge",
        "8",
    );
    fixture.import(&fixture.file("june.csv", csv)).unwrap();
    let mut machines = [
        machine("gpu-1", 50.0, 8),
        machine("gpu-1:accelerator", 2.0, 8),
    ];
    utilization::price(&mut machines, &fixture.ledger, at("2026-06-29"), 28).unwrap();
    assert_eq!(machines[1].hourly, Some((amount("3"), "USD".to_owned())));
    let context = Context {
        machines: &machines,
        ..context(&fixture, None)
    };
    let advice = found(&context, "idle-accelerators");
    assert_eq!(
        (advice[0].subject.as_str(), advice[0].saving_per_month),
        ("gpu-1", Some(amount("2190")))
    );
    let all = advise(&context).unwrap();
    let others = all
        .iter()
        .filter(|finding| finding.rule != "idle-accelerators");
    assert!(
        others
            .flat_map(|f| &f.advice)
            .all(|one| !one.subject.contains(":accelerator"))
    );
}

#[test]
fn a_right_sized_machine_is_the_cheapest_that_keeps_the_memory_nobody_measured() {
    let fixture = Fixture::new();
    let mut csv = HEAD.to_owned();
    line(
        &mut csv,
        (1, 0),
        "9.216",
        "Compute",
        "a",
        "i-1",
        "m5.2xlarge",
        "BoxUsage:m5.2xlarge",
        "24",
    );
    fixture.import(&fixture.file("june.csv", csv)).unwrap();
    let offers = catalog();
    let machines = [machine("i-1", 30.0, 20)];
    let context = Context {
        machines: &machines,
        ..context(&fixture, Some(&offers))
    };
    let advice = found(&context, "right-size");
    assert_eq!(advice[0].change, "take a smaller machine, `r6g.xlarge`");
    // (0.384 − 0.2016) × 730.
    assert_eq!(advice[0].saving_per_month, Some(amount("133.15")));
    assert!(
        advice[0].risk.contains("from x86_64 to arm64"),
        "{}",
        advice[0].risk
    );
}

#[test]
fn what_was_applied_is_remembered() {
    let fixture = Fixture::new();
    let applied = Applied {
        id: "advice-1".to_owned(),
        rule: "idle-endpoints".to_owned(),
        action: Action::ScaleEndpoint {
            workspace: "default".to_owned(),
            endpoint: "churn".to_owned(),
            deployment: "blue".to_owned(),
            replicas: 0,
        },
        before: Before::Replicas {
            replicas: 2,
            most: None,
        },
        at: at("2026-06-01"),
        by: "owner".to_owned(),
        done: true,
        undone: None,
    };
    fixture.ledger.remember_applied(applied.clone()).unwrap();
    assert_eq!(fixture.ledger.applied().unwrap()["advice-1"], applied);
}

#[test]
fn days_without_samples_say_nothing_of_a_machine_and_its_name_is_no_command() {
    let fixture = Fixture::new();
    let thin = |samples: usize| {
        let mut thin = machine("i-thin", 1.0, 20);
        for day in &mut thin.days {
            day.cpu.truncate(samples);
        }
        thin
    };
    for samples in [0, 1, 23] {
        let machines = [thin(samples)];
        let context = Context {
            machines: &machines,
            ..context(&fixture, None)
        };
        for rule in ["idle", "right-size"] {
            let all = advise(&context).unwrap();
            let silent = all.iter().find(|one| one.rule == rule).unwrap();
            assert!(silent.silent.is_some(), "{silent:?}");
        }
    }
    let machines = [machine("a; touch /tmp/x #", 1.0, 20)];
    let context = Context {
        machines: &machines,
        ..context(&fixture, None)
    };
    for rule in ["idle", "right-size"] {
        let Apply::Owner { command } = &found(&context, rule)[0].apply else {
            panic!("{rule} is carried out by the owner");
        };
        assert!(command.contains("'a; touch /tmp/x #'"), "{command}");
    }
}
