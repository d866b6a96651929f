//! How long planning takes on the embedded catalog: `cargo bench -p tradewind-planner --bench
//! planning`. Prints medians as a table of plain text, and growth with offers and with tasks; with
//! `-- --plot FILE` the growth is also drawn as an SVG file.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program that reports to people"
)]

mod plot;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use catalog::Catalog;
use domain::offer::OfferTableBuilder;
use domain::policy::{Policy, PurchaseKind};
use domain::resources::{Amount, Resources};
use domain::{ByteSize, Money, Span, Timestamp};
use plot::{Line, Panel};
use tradewind_planner::market::{AcceleratorFigures, Market};
use tradewind_planner::question::RunTime;
use tradewind_planner::{Objective, Proof, Question, Workload};

fn market(catalog: &Catalog, one_in: usize) -> Market {
    let offers = if one_in == 1 {
        catalog.offers().clone()
    } else {
        let mut builder = OfferTableBuilder::default();
        for source in catalog.offers().sources() {
            builder
                .source(source.clone())
                .expect("no more sources than before");
        }
        for offer in catalog.offers().iter().step_by(one_in) {
            builder.push(offer.to_offer());
        }
        builder.build().expect("rows of a sound table")
    };
    let figures = catalog.accelerators().iter().map(|it| AcceleratorFigures {
        model: it.model.clone(),
        aliases: Vec::new(),
        gigaflops: it.gigaflops_16bit.or(it.gigaflops_32bit),
        bandwidth: it.bandwidth_mb_s,
    });
    Market::builder(
        Arc::new(catalog.regions().clone()),
        Arc::new(catalog.transfer().clone()),
    )
    .offers(Arc::new(offers))
    .disks(Arc::new(catalog.disk().clone()))
    .accelerators(figures.collect())
    .edition(catalog.hash())
    .build()
    .expect("a market of the embedded catalog")
}

fn cpus(milli: u32, gibibytes: u64) -> Resources {
    Resources {
        milli_cpus: Some(Amount::AtLeast(milli)),
        memory: Some(Amount::AtLeast(ByteSize::gibibytes(gibibytes))),
        ..Resources::default()
    }
}

fn gpus(model: &str, count: u32) -> Resources {
    Resources {
        accelerators: [(model.to_owned(), count)].into(),
        ..Resources::default()
    }
}

fn policy() -> Policy {
    Policy {
        purchase: vec![PurchaseKind::OnDemand, PurchaseKind::Spot],
        ..Policy::default()
    }
}

/// The n-th of a varied row of workloads.
fn workload(n: u32) -> Workload {
    let resources = match n % 5 {
        0 => cpus(4_000, 16),
        1 => cpus(8_000 + 1_000 * n, 32),
        2 => gpus("A100", 1 + n % 8),
        3 => cpus(2_000, 64 + u64::from(n)),
        _ => gpus("T4", 1),
    };
    let hours = i64::from(1 + n % 7);
    let workload = Workload::new(&format!("step-{n}"), resources, policy());
    workload.takes(RunTime::declared(Span::hours(hours)))
}

fn question(market: &Arc<Market>) -> Question {
    Question::new(market.clone(), Timestamp(1_790_000_000_000))
}

fn chain(market: &Arc<Market>, tasks: u32) -> Question {
    let mut asked = question(market);
    for n in 0..tasks {
        asked = asked.with(workload(n));
        if n > 0 {
            let bytes = u64::from(1 + n * 13 % 50) << 30;
            asked = asked.link(&format!("step-{}", n - 1), &format!("step-{n}"), bytes);
        }
    }
    asked
}

/// Each step reads from the one before it, and every other one from two further back.
fn graph(market: &Arc<Market>, tasks: u32) -> Question {
    let mut asked = chain(market, tasks);
    for n in 2..tasks {
        for back in [2, 5] {
            if n % 2 == 0 && n >= back {
                let bytes = u64::from(1 + n * 7 % 40) << 30;
                asked = asked.link(&format!("step-{}", n - back), &format!("step-{n}"), bytes);
            }
        }
    }
    asked
}

fn median(runs: usize, mut work: impl FnMut()) -> Duration {
    work();
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn report(name: &str, asked: &Question, runs: usize) -> f64 {
    let mut summary = String::new();
    let time = median(runs, || match tradewind_planner::plan(asked) {
        Ok(plan) => {
            let proof = match &plan.proof {
                Proof::Optimal => "optimal".to_owned(),
                Proof::Bounded {
                    gap_basis_points, ..
                } => format!("gap {gap_basis_points} bp"),
            };
            summary = format!("{} {} {proof}, {} nodes", plan.cost, plan.time, plan.nodes);
        }
        Err(error) => summary = error.to_string(),
    });
    let bar = "▪".repeat((time.as_secs_f64() * 1000.0).round() as usize / 2);
    let summary = if name.starts_with(' ') { bar } else { summary };
    let milliseconds = time.as_secs_f64() * 1000.0;
    println!("{name:<44} {milliseconds:>9.2} ms   {summary}");
    milliseconds
}

/// Peak resident memory in mebibytes, where the system tells it.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? / 1024)
}

fn main() {
    let started = Instant::now();
    let catalog = Catalog::embedded().expect("the embedded catalog");
    println!(
        "catalog loaded in {:.2} ms",
        started.elapsed().as_secs_f64() * 1000.0
    );
    let build = median(5, || drop(market(&catalog, 1)));
    let market_of_all = Arc::new(market(&catalog, 1));
    let all = &market_of_all;
    println!(
        "market of {} offers laid out in {:.2} ms",
        all.len(),
        build.as_secs_f64() * 1000.0
    );
    report(
        "one task, 4 vCPU 16 GiB",
        &question(all).with(workload(0)),
        21,
    );
    report("one task, 3 × A100", &question(all).with(workload(2)), 21);
    report(
        "one task, anything",
        &question(all).with(Workload::new("any", Resources::default(), policy())),
        21,
    );
    let learned = Workload::new("scaled", gpus("A100", 1), policy());
    let learned = learned.takes(RunTime::on_accelerators(Span::hours(9), "A100", 1));
    let mut fast = question(all)
        .with(learned.clone())
        .objective(Objective::Time);
    report("one task, fastest", &fast, 21);
    fast.settings.front = true;
    report("one task, fastest, with front", &fast, 11);
    report("chain of ten", &chain(all, 10), 11);
    let mut due = chain(all, 10);
    due.objective = Objective::CostWithin {
        deadline: Span::hours(45),
    };
    report("chain of ten, cost within 45 h", &due, 5);
    report("graph of twenty", &graph(all, 20), 5);
    let mut due = graph(all, 20);
    due.objective = Objective::CostWithin {
        deadline: Span::hours(82),
    };
    report("graph of twenty, cost within 82 h", &due, 3);
    let mut small = graph(all, 20);
    for link in &mut small.links {
        link.bytes /= 40;
    }
    report("graph of twenty, a fortieth of the data", &small, 5);
    for (name, mut asked) in [
        ("chain of ten, free egress counted", chain(all, 10)),
        ("graph of twenty, free egress counted", graph(all, 20)),
        ("graph of thirty, free egress counted", graph(all, 30)),
    ] {
        for provider in ["aws", "azure", "google"] {
            asked.egress_used.insert(provider.to_owned(), 0);
        }
        report(name, &asked, 5);
        for link in &mut asked.links {
            link.bytes /= 10;
        }
        report(&format!("{name}, a tenth of the data"), &asked, 5);
    }
    for (name, mut asked) in [
        (
            "chain of ten on accelerators, 0.6 of the time",
            chain(all, 10),
        ),
        (
            "graph of ten on accelerators, 0.6 of the time",
            graph(all, 10),
        ),
    ] {
        for workload in &mut asked.workloads {
            workload.resources = gpus("A100", 1);
            workload.run_time = RunTime::on_accelerators(Span::hours(4), "A100", 1);
        }
        let cheap = tradewind_planner::plan(&asked).expect("a plan without a deadline");
        let deadline = Span(cheap.time.0 * 6 / 10);
        asked.objective = Objective::CostWithin { deadline };
        report(name, &asked, 3);
    }
    let mut none = question(all).with(workload(2));
    none.workloads[0].policy.maximum_cost = Some(Money::micros(1));
    none.workloads[0].policy.residency = vec!["cn".to_owned()];
    report("one task without a place", &none, 5);
    if let Some(peak) = peak() {
        println!("peak resident memory so far {peak} MiB");
    }
    let panels = [growth_with_offers(&catalog), growth_with_tasks(all)];
    let arguments: Vec<String> = std::env::args().collect();
    let plot = arguments.iter().position(|it| it == "--plot");
    if let Some(path) = plot.and_then(|at| arguments.get(at + 1)) {
        plot::write(Path::new(path), &panels).expect("the plot's file");
        println!("growth drawn in {path}");
    }
}

fn growth_with_offers(catalog: &Catalog) -> Panel {
    println!("growth with offers:");
    let (mut tasks, mut chains) = (Vec::new(), Vec::new());
    for one_in in [16, 8, 4, 2, 1] {
        let part = Arc::new(market(catalog, one_in));
        let offers = part.len();
        let asked = question(&part).with(workload(0));
        let time = report(&format!("  one task of {offers} offers"), &asked, 11);
        tasks.push((offers as f64, time));
        let time = report(
            &format!("  chain of ten of {offers} offers"),
            &chain(&part, 10),
            5,
        );
        chains.push((offers as f64, time));
    }
    panel(
        "time by offers",
        [("one task", tasks), ("chain of ten", chains)],
    )
}

fn growth_with_tasks(market: &Arc<Market>) -> Panel {
    println!("growth with tasks:");
    let (mut chains, mut graphs) = (Vec::new(), Vec::new());
    for tasks in [1, 2, 5, 10, 20, 40] {
        let time = report(&format!("  chain of {tasks}"), &chain(market, tasks), 3);
        chains.push((f64::from(tasks), time));
        let time = report(&format!("  graph of {tasks}"), &graph(market, tasks), 3);
        graphs.push((f64::from(tasks), time));
    }
    panel("time by tasks", [("chain", chains), ("graph", graphs)])
}

fn panel(title: &'static str, lines: [(&'static str, Vec<(f64, f64)>); 2]) -> Panel {
    let lines = lines.map(|(name, points)| Line { name, points });
    Panel {
        title,
        lines: lines.into(),
    }
}
