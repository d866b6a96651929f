//! Templates that are right, and every way in which they are wrong.

use super::*;
use domain::function::{ApiPayload, Schedule, TriggerKind};
use domain::{ByteSize, Span};

const GOOD: &str = "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters:
  Memory: {Type: Number, Default: 256}
  Word: {Type: String}
Globals:
  Function:
    Runtime: python3.11
    Timeout: 7
    Environment: {Variables: {SHARED: a, OWN: b}}
Resources:
  Data:
    Type: AWS::S3::Bucket
  Predict:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      MemorySize: !Ref Memory
      Policies: [AmazonS3ReadOnlyAccess]
      Environment:
        Variables:
          OWN: !Sub '${Word} in ${AWS::Region} of ${Data} by ${Predict.Arn} ${!Kept}'
          JOINED: !Join ['-', [a, !Ref Word, {'Ref': 'AWS::StackName'}]]
          LONG: {'Fn::GetAtt': [Data, Arn]}
      Events:
        Web: {Type: Api, Properties: {Path: /predict, Method: post}}
        Hourly: {Type: Schedule, Properties: {Schedule: rate(1 hour), Input: '{\"a\": 1}'}}
        New: {Type: S3, Properties: {Bucket: !Ref Data, Events: 's3:ObjectCreated:*', Filter: {S3Key: {Rules: [{Name: suffix, Value: .csv}]}}}}
Outputs:
  Function: {Value: !GetAtt Predict.Arn}
";

fn read(text: &str) -> Result<Template, String> {
    let stack = Name::new("shop").unwrap();
    let parameters = BTreeMap::from([("Word".to_owned(), "hello".to_owned())]);
    let parsed = parse(
        text.as_bytes(),
        "t.yaml",
        Path::new("."),
        &stack,
        &parameters,
    );
    parsed.map_err(|error| error.to_string())
}

#[test]
fn a_whole_template_is_understood() {
    let template = read(GOOD).unwrap();
    assert_eq!(template.buckets, ["shop-data"]);
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:shop-Predict";
    assert_eq!(template.outputs["Function"], arn);
    let function = &template.functions[0];
    assert_eq!(function.name.as_str(), "shop-Predict");
    let spec = &function.spec;
    assert_eq!(spec.memory, ByteSize::mebibytes(256));
    assert_eq!(spec.timeout, Span::seconds(7));
    assert_eq!(spec.env["SHARED"], "a");
    let expected = format!("hello in us-east-1 of shop-data by {arn} ${{Kept}}");
    assert_eq!(spec.env["OWN"], expected);
    assert_eq!(spec.env["JOINED"], "a-hello-shop");
    assert_eq!(spec.env["LONG"], "arn:aws:s3:::shop-data");
    assert_eq!(spec.triggers.len(), 3);
    assert!(spec.triggers.iter().any(|trigger| matches!(
        &trigger.kind,
        TriggerKind::Http { method, path, payload: ApiPayload::V1, .. }
            if method == "POST" && path == "/predict"
    )));
    assert!(spec.triggers.iter().any(|trigger| matches!(
        &trigger.kind,
        TriggerKind::Schedule { schedule: Schedule::Rate { span }, .. } if *span == Span::hours(1)
    )));
    assert_eq!(template.notes.len(), 1, "{:?}", template.notes);
    assert!(
        template.notes[0].starts_with("t.yaml:20: `Policies`"),
        "{:?}",
        template.notes
    );
}

#[test]
fn what_is_not_supported_is_named_with_its_line() {
    let cases = [
        (
            "      Handler: app.handler",
            "      Handler: app.handler\n      VpcConfig: {}",
            "VpcConfig",
        ),
        (
            "Type: AWS::S3::Bucket",
            "Type: AWS::DynamoDB::Table",
            "AWS::DynamoDB::Table",
        ),
        ("{Type: Api,", "{Type: SQS,", "SQS"),
        ("!Ref Memory", "!ImportValue Memory", "ImportValue"),
        ("!Ref Memory", "!Ref Nothing", "Nothing"),
        ("rate(1 hour)", "rate(soon)", "rate(soon)"),
        ("python3.11", "nodejs20.x", "nodejs20.x"),
        ("CodeUri: .", "CodeUri: nowhere/", "nowhere"),
        (
            "Handler: app.handler",
            "Handler: ../app.handler",
            "../app.handler",
        ),
        ("Timeout: 7", "Timeout: 901", "15m01s"),
        (
            "Memory: {Type: Number, Default: 256}",
            "Memory: {Type: Number}",
            "Memory",
        ),
        ("Predict.Arn}", "Data.DomainName}", "Data.DomainName"),
    ];
    for (from, to, told) in cases {
        assert!(GOOD.contains(from), "{from}");
        let text = GOOD.replacen(from, to, 1);
        let error = read(&text).unwrap_err();
        assert!(
            error.contains(told) && error.contains("t.yaml:"),
            "{told}: {error}"
        );
    }
}

#[test]
fn hostile_yaml_is_an_error() {
    let deep = "[".repeat(10_000);
    let mapped = "a: &x [1]\nb: *x\n";
    for text in [
        "",
        "x",
        "[]",
        "Resources: 1",
        "a: !Ref\n  - b",
        deep.as_str(),
        mapped,
        "a: 1\na: 2",
        "\u{0}",
        "? [a]\n: b",
        "Resources: {A: !Sub '${'}",
    ] {
        assert!(read(text).is_err(), "{text:.20}");
    }
}
