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

/// As `sam init` writes it.
const HELLO: &str = "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Description: >
  sam-app

  Sample SAM Template for sam-app
Globals:
  Function:
    Timeout: 3
    LoggingConfig:
      LogFormat: JSON
Resources:
  HelloWorldFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.lambda_handler
      Runtime: python3.11
      Architectures:
        - x86_64
      Events:
        HelloWorld:
          Type: Api
          Properties:
            Path: /hello
            Method: get
Outputs:
  HelloWorldApi:
    Description: API Gateway endpoint URL for Prod stage
    Value: !Sub \"https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod/hello/\"
  HelloWorldFunctionIamRole:
    Value: !GetAtt HelloWorldFunctionRole.Arn
";

#[test]
fn what_sam_init_writes_is_understood() {
    let template = read_without(HELLO).unwrap();
    let [function] = template.functions.as_slice() else {
        panic!("{:?}", template.functions);
    };
    assert_eq!(function.spec.env["AWS_LAMBDA_LOG_FORMAT"], "JSON");
    let role = "arn:aws:iam::123456789012:role/shop-HelloWorldFunctionRole";
    assert_eq!(template.outputs["HelloWorldFunctionIamRole"], role);
    assert!(template.outputs["HelloWorldApi"].starts_with("https://shop.execute-api."));
}

/// As a team writes it: shared properties, both kinds of APIs, everything that calls, layers,
/// policy templates, a role and a log group of its own, names made of names.
const TEAM: &str = "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
Globals:
  Function:
    Runtime: python3.12
    MemorySize: 512
    Tracing: Active
    Layers: [!Ref Common]
    Environment:
      Variables:
        STAGE: !Ref Stage
        TABLE: !Join ['/', ['s3:', '', !Sub '${Uploads}', !Join ['-', [!Ref 'AWS::StackName', !Ref Stage]]]]
Resources:
  Uploads: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '${AWS::StackName}-uploads-${Stage}'}}
  Common: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: ., CompatibleRuntimes: [python3.12]}}
  Web: {Type: AWS::Serverless::HttpApi, Properties: {StageName: !Ref Stage}}
  Rest: {Type: AWS::Serverless::Api, Properties: {StageName: v1, Name: !Sub 'rest-${Stage}'}}
  WorkRole:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Version: '2012-10-17'}}
  WorkLogs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub '/aws/lambda/${Work}', RetentionInDays: 7}}
  Work:
    Type: AWS::Serverless::Function
    DependsOn: [WorkRole]
    Properties:
      FunctionName: !Sub 'work-${Stage}'
      CodeUri: .
      Handler: app.handler
      Role: !GetAtt WorkRole.Arn
      AutoPublishAlias: live
      EventInvokeConfig:
        MaximumRetryAttempts: 1
        MaximumEventAgeInSeconds: 120
        DestinationConfig: {OnFailure: {Type: Lambda, Destination: !GetAtt Failed.Arn}}
      Events:
        List: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: '/items/{id}', Method: GET}}
        Old: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: '/{proxy+}', Method: ANY}}
        Nightly: {Type: ScheduleV2, Properties: {ScheduleExpression: 'cron(0 3 * * ? *)', State: DISABLED, Name: nightly}}
        New: {Type: S3, Properties: {Bucket: !Ref Uploads, Events: ['s3:ObjectCreated:Put', 's3:ObjectCreated:CompleteMultipartUpload'], Filter: {S3Key: {Rules: [{Name: prefix, Value: in/}]}}}}
  Failed:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.failed
      Policies:
        - S3ReadPolicy: {BucketName: !Ref Uploads}
        - Version: '2012-10-17'
          Statement: [{Effect: Allow, Action: 's3:*', Resource: !GetAtt Uploads.Arn}]
";

#[test]
fn what_teams_write_is_understood() {
    let template = read_without(TEAM).unwrap();
    assert_eq!(template.buckets, ["shop-uploads-dev"]);
    let names: Vec<&str> = template
        .functions
        .iter()
        .map(|function| function.name.as_str())
        .collect();
    assert_eq!(names, ["work-dev", "shop-Failed"]);
    let work = &template.functions[0];
    assert_eq!(work.layers.len(), 1);
    assert_eq!(work.alias.as_ref().unwrap().as_str(), "live");
    let spec = &work.spec;
    assert_eq!(spec.env["TABLE"], "s3://shop-uploads-dev/shop-dev");
    assert_eq!(spec.retries.attempts, 1);
    assert_eq!(spec.retries.longest_wait, Span::seconds(120));
    assert!(spec.retries.on_failure.is_some());
    let apis: Vec<(String, String)> = spec
        .triggers
        .iter()
        .filter_map(|trigger| match &trigger.kind {
            TriggerKind::Http { api, stage, .. } => Some((api.to_string(), stage.to_string())),
            _ => None,
        })
        .collect();
    let pair = |api: &str, stage: &str| (api.to_owned(), stage.to_owned());
    assert_eq!(apis, [pair("shop-Web", "dev"), pair("rest-dev", "v1")]);
    let told = template.notes.join("\n");
    for name in [
        "Tracing",
        "Role",
        "WorkRole",
        "WorkLogs",
        "Policies",
        "DependsOn",
    ] {
        assert!(told.contains(&format!("`{name}`")), "{name}: {told}");
    }
}

#[test]
fn names_without_an_end_are_a_mistake() {
    for name in ["!Ref A", "!Sub 'x-${A}'", "!Ref B"] {
        let text = format!(
            "Resources:\n  A:\n    Type: AWS::Serverless::Function\n    Properties: \
             {{CodeUri: ., Handler: a.b, Runtime: python3.11, FunctionName: {name}}}\n  B:\n    \
             Type: AWS::S3::Bucket\n    Properties: {{BucketName: !Ref A}}\n"
        );
        // Whatever comes of it, it comes.
        let _ = read_without(&text);
    }
    let mut laughs = String::from("Resources:\n");
    for number in 0..14 {
        let twice = format!("'${{R{0}}}${{R{0}}}${{R{0}}}${{R{0}}}'", number + 1);
        laughs.push_str(&format!(
            "  R{number}: {{Type: AWS::S3::Bucket, Properties: {{BucketName: !Sub {twice}}}}}\n"
        ));
    }
    assert!(read_without(&laughs).is_err());
}

fn read_without(text: &str) -> Result<Template, String> {
    let stack = Name::new("shop").unwrap();
    let none = BTreeMap::new();
    let parsed = parse(text.as_bytes(), "t.yaml", Path::new("."), &stack, &none);
    parsed.map_err(|error| error.to_string())
}
