use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::metric::Finite;
use crate::pipeline::StepResult;

fn result(model: &str, accuracy: f64) -> StepResult {
    StepResult {
        model: Some(model.to_owned()),
        outputs: [("test".to_owned(), format!("s3://b/{model}/test"))].into(),
        metrics: [
            ("accuracy".to_owned(), Finite::new(accuracy).unwrap()),
            ("val:loss".to_owned(), Finite::new(1.0 - accuracy).unwrap()),
        ]
        .into(),
        values: [("version".to_owned(), json!("digits:3"))].into(),
        ..StepResult::default()
    }
}

fn with_scope<T>(test: impl FnOnce(&Scope<'_>) -> T) -> T {
    let parameters: BTreeMap<String, Value> = [
        ("trees".to_owned(), json!(50)),
        ("name".to_owned(), json!("forest")),
        ("sizes".to_owned(), json!([1, 2])),
        ("dry".to_owned(), json!(false)),
    ]
    .into();
    let (low, high) = (result("low", 0.8), result("high", 0.95));
    let steps: BTreeMap<String, Results<'_>> = [
        ("evaluate".to_owned(), Results::One(&high)),
        ("train".to_owned(), Results::Many(vec![&low, &high, &high])),
    ]
    .into();
    let item = json!({"depth": 3});
    let scope = Scope {
        parameters: &parameters,
        item: Some(&item),
        run: "r1",
        steps: &steps,
    };
    test(&scope)
}

fn value(text: &str) -> Value {
    with_scope(|scope| text.parse::<Template>().unwrap().evaluate(scope).unwrap())
}

#[test]
fn templates_keep_kinds_and_join_texts() {
    assert_eq!(value("${parameters.trees}"), json!(50));
    assert_eq!(value("${ parameters['trees'] } trees"), json!("50 trees"));
    assert_eq!(value("${parameters.sizes}"), json!([1, 2]));
    assert_eq!(value("${run.id}/${item.depth}"), json!("r1/3"));
    assert_eq!(value("$${HOME} $HOME $"), json!("${HOME} $HOME $"));
    assert_eq!(
        value("${steps.evaluate.outputs.test}"),
        json!("s3://b/high/test")
    );
    assert_eq!(
        value("${steps.train.model}"),
        json!(["low", "high", "high"])
    );
    assert_eq!(value("${steps.train.best(accuracy)}"), json!("high"));
    assert_eq!(value("${steps.train.best(accuracy, min)}"), json!("low"));
    assert_eq!(value("${steps.train.best('val:loss', min)}"), json!("high"));
    assert_eq!(value("${steps.evaluate.version}"), json!("digits:3"));
    assert_eq!(value("${parameters.trees >= 50}"), json!(true));
}

#[test]
fn conditions_hold_or_not() {
    for (text, expected) in [
        ("${steps.evaluate.metrics.accuracy} >= 0.9", true),
        (
            "steps.evaluate.metrics.accuracy >= 0.95 and parameters.trees == 50.0",
            true,
        ),
        (
            "steps.evaluate.metrics['val:loss'] > 0.5 or parameters.name == 'forest'",
            true,
        ),
        ("not parameters.dry", true),
        ("not parameters.trees < 60", false),
        ("parameters.dry or not (true and false)", true),
        ("false and parameters.missing == 1", false),
        ("parameters.name != \"tree\"", true),
        ("parameters.sizes == null", false),
        ("-1e3 < -999", true),
        ("item.depth == 3", true),
    ] {
        let holds = with_scope(|scope| text.parse::<Expression>().unwrap().holds(scope));
        assert_eq!(holds, Ok(expected), "{text}");
    }
}

#[test]
fn what_has_no_value_is_explained() {
    for (text, words) in [
        ("parameters.tres", "did you mean `trees`"),
        ("steps.evaluate.metrics.acuracy", "did you mean `accuracy`"),
        ("steps.gone.model", "step `gone` has no result"),
        ("steps.evaluate.outputs.zzz", "only `test`"),
        ("item.width", "has no `width`"),
        ("parameters.trees == 'x'", "a number with a text"),
        ("parameters.dry < true", "true or false with true or false"),
        ("not parameters.trees", "expected true or false"),
    ] {
        let error = with_scope(|scope| text.parse::<Expression>().unwrap().evaluate(scope));
        let error = error.unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
}

#[test]
fn syntax_errors_say_where_and_what() {
    for (text, at, words) in [
        ("", 0, "expected a value"),
        ("parameters", 0, "which parameter"),
        ("paramters.x", 0, "did you mean `parameters`"),
        ("steps.a", 0, "what of which step"),
        ("steps.a.metrics", 0, "which one"),
        ("steps.a.metric.b", 0, "did you mean `metrics`"),
        ("steps.a.best", 12, "best(<metric>)"),
        ("run.name", 0, "run.id"),
        ("1 = 1", 2, "written `==`"),
        ("true && false", 5, "written `and`"),
        ("!true", 0, "written `not`"),
        ("1 < 2 < 3", 7, "do not chain"),
        ("(1 == 1", 7, "expected `)`"),
        ("'abc", 0, "closing"),
        ("1.2.3", 0, "not a number"),
        ("true false", 5, "found `false`"),
        ("${parameters.x", 0, "not closed"),
        ("item.", 5, "after `.`"),
    ] {
        let error = text.parse::<Expression>().unwrap_err();
        assert!(error.message.contains(words), "{text}: {error}");
        assert_eq!(error.at, at, "{text}: {error}");
    }
    let error = "a ${HOME}".parse::<Template>().unwrap_err();
    assert!(
        error.message.contains("write `$${`") && error.at == 4,
        "{error:?}"
    );
}

#[test]
fn depth_and_length_are_bounded() {
    let chain = vec!["true"; 500].join(" and ");
    for text in [
        "(".repeat(100_000),
        "not ".repeat(900),
        "${".repeat(1000),
        "x".repeat(5000),
        chain,
    ] {
        assert!(text.parse::<Expression>().is_err());
    }
    assert!("${".repeat(100_000).parse::<Template>().is_err());
}

#[test]
fn dependencies_and_aliases() {
    let text = "steps.a.model == steps.b.model or steps.a.metrics.x > 1";
    assert_eq!(
        text.parse::<Expression>().unwrap().dependencies(),
        ["a", "b"]
    );
    let template = Template::parse_with_alias("${trees}-${trees.depth}", Some("trees")).unwrap();
    assert_eq!(template.to_string(), "${item}-${item.depth}");
    assert!(!template.is_literal());
}

fn reference() -> impl Strategy<Value = Reference> {
    let name = "[a-z_][a-z0-9_-]{0,5}|[a-z:' \\\\]{1,4}";
    let part = prop_oneof![
        Just(Part::Model),
        name.prop_map(Part::Output),
        name.prop_map(Part::Metric),
        (name, any::<bool>()).prop_map(|(metric, low)| Part::Best {
            metric,
            order: if low { Order::Lowest } else { Order::Highest },
        }),
    ];
    prop_oneof![
        name.prop_map(Reference::Parameter),
        prop::collection::vec(name, 0..3).prop_map(Reference::Item),
        Just(Reference::Run),
        ("[a-z][a-z0-9-]{0,5}", part).prop_map(|(step, part)| Reference::Step { step, part }),
    ]
}

fn expression() -> impl Strategy<Value = Expression> {
    let literal = prop_oneof![
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9_f64).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        "[ -~é]{0,8}".prop_map(Value::from),
        Just(Value::Null),
    ];
    let leaf = prop_oneof![
        literal.prop_map(Expression::Literal),
        reference().prop_map(Expression::Reference),
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        let comparison = prop_oneof![
            Just(Comparison::Equal),
            Just(Comparison::NotEqual),
            Just(Comparison::Less),
            Just(Comparison::GreaterOrEqual),
        ];
        let boxed = inner.prop_map(Box::new).boxed();
        prop_oneof![
            boxed.clone().prop_map(Expression::Not),
            (boxed.clone(), boxed.clone()).prop_map(|(a, b)| Expression::And(a, b)),
            (boxed.clone(), boxed.clone()).prop_map(|(a, b)| Expression::Or(a, b)),
            (boxed.clone(), comparison, boxed)
                .prop_map(|(a, how, b)| Expression::Compare(a, how, b)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_reads_back(expression in expression()) {
        let printed = expression.to_string();
        prop_assert_eq!(printed.parse::<Expression>(), Ok(expression.clone()), "{}", printed);
        let template = format!("a $x ${{{printed}}} $${{ b");
        let read = template.parse::<Template>().unwrap();
        prop_assert_eq!(read.to_string(), template);
    }

    #[test]
    fn no_text_panics(text in any::<String>(), pieces in prop::collection::vec("[${}().'a-z<=! ]{0,4}|parameters|steps|not|and", 0..12)) {
        let _ = text.parse::<Expression>();
        let joined = pieces.concat();
        if let Ok(template) = joined.parse::<Template>() {
            prop_assert_eq!(template.to_string().parse::<Template>(), Ok(template));
        }
        if let Ok(expression) = joined.parse::<Expression>() {
            with_scope(|scope| { let _ = expression.evaluate(scope); });
        }
    }
}
