//! No bytes bring the reader of SAM templates down.

use domain::Name;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use tradewind_workload::sam;

const WHOLE: &str = "Transform: AWS::Serverless-2016-10-31
Parameters: {Memory: {Type: Number, Default: 256}}
Globals: {Function: {Runtime: python3.11, Timeout: 7}}
Resources:
  Data: {Type: AWS::S3::Bucket}
  Predict:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      MemorySize: !Ref Memory
      Environment:
        Variables:
          A: !Sub '${AWS::Region} of ${Data} by ${Predict.Arn} ${!Kept}'
          B: !Join ['-', [a, {'Ref': 'AWS::StackName'}]]
      Events:
        Web: {Type: Api, Properties: {Path: '/{a+}', Method: post}}
        Hourly: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}
Outputs: {Function: {Value: !GetAtt Predict.Arn}}
";

fn read(bytes: &[u8]) -> Result<(), String> {
    let stack = Name::new("stack").unwrap();
    let parameters = BTreeMap::new();
    let read = sam::parse(bytes, "template.yaml", Path::new(""), &stack, &parameters);
    read.map(drop).map_err(|error| {
        let text = error.to_string();
        assert!(!text.trim().is_empty());
        assert!(text.len() < 40_000, "{} bytes of error", text.len());
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_templates_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }

    #[test]
    fn damaged_templates_never_panic(
        at in any::<prop::sample::Index>(),
        with in "[ -~\n]{0,6}",
        cut in 0..20_usize,
    ) {
        prop_assert_eq!(read(WHOLE.as_bytes()), Ok(()));
        let at = at.index(WHOLE.len());
        let end = (at + cut).min(WHOLE.len());
        let _ = read(format!("{}{with}{}", &WHOLE[..at], &WHOLE[end..]).as_bytes());
    }
}

/// What refers to itself or unfolds without end is a mistake, and told soon.
#[test]
fn templates_that_explode() {
    let deep = format!(
        "Resources: {}1{}",
        "{a: ".repeat(50_000),
        "}".repeat(50_000)
    );
    let mut wide = String::from("Resources: {}\nMetadata:\n  a0: &a0 [x, x]\n");
    for level in 1..40 {
        wide.push_str(&format!(
            "  a{level}: &a{level} [*a{0}, *a{0}]\n",
            level - 1
        ));
    }
    let joined = format!(
        "Resources: {{}}\nOutputs: {{A: {{Value: {}x{}}}}}\n",
        "!Join ['', [".repeat(5_000),
        "]]".repeat(5_000)
    );
    for template in [deep, wide, joined] {
        let begun = std::time::Instant::now();
        let _ = read(template.as_bytes());
        assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    }
}
