//! Intrinsic functions (AWS CloudFormation, "Intrinsic function reference"): `Ref`, `Sub`,
//! `GetAtt` and `Join`.

use super::reader::Reader;
use super::tree::{Kind, Node};
use domain::Name;
use serde_json::Value;
use std::cell::Cell;
use std::collections::BTreeMap;

/// The made-up account and region of this installation.
const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";

/// Deepest names that are made of names: a resource that is called after itself has no end.
const DEEPEST: u32 = 16;
/// Most names that are worked out of one template: names of names of names grow without end.
const MOST_NAMES: u32 = 20_000;

/// What names mean in a template.
pub(super) struct Scope<'a> {
    depth: Cell<u32>,
    names: Cell<u32>,
    root: &'a Node,
    pub(super) stack: &'a Name,
    parameters: BTreeMap<String, String>,
}

impl<'a> Scope<'a> {
    /// Of a template with its parameters' values: those that were given, else their defaults.
    pub(super) fn new(
        root: &'a Node,
        stack: &'a Name,
        given: &BTreeMap<String, String>,
        reader: &mut Reader<'_>,
    ) -> Self {
        let mut parameters = BTreeMap::new();
        let declared = root
            .get("Parameters")
            .and_then(Node::entries)
            .unwrap_or(&[]);
        for (key, declared) in declared {
            let usual = declared
                .get("Default")
                .map(|node| node.text().unwrap_or_default());
            match given.get(&key.name).map(String::as_str).or(usual) {
                Some(value) => {
                    parameters.insert(key.name.clone(), value.to_owned());
                }
                None => reader.wrong(
                    declared,
                    format!(
                        "the parameter `{0}` has no default; give it by `--set {0}=…`",
                        key.name
                    ),
                ),
            }
        }
        for name in given.keys() {
            if !declared.iter().any(|(key, _)| key.name == *name) {
                reader.wrong(root, format!("the template has no parameter `{name}`"));
            }
        }
        Self {
            depth: Cell::new(0),
            names: Cell::new(0),
            root,
            stack,
            parameters,
        }
    }

    /// The value with all calls replaced; none when one cannot be, which was told, or when it is
    /// `AWS::NoValue`.
    pub(super) fn evaluate(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Node> {
        let kind = match &node.kind {
            Kind::Call(name, argument) => return self.call(node, name, argument, reader),
            Kind::List(items) => {
                let items = items.iter().filter_map(|item| self.evaluate(item, reader));
                Kind::List(items.collect())
            }
            Kind::Map(entries) => {
                let mut kept = Vec::new();
                for (key, value) in entries {
                    if let Some(value) = self.evaluate(value, reader) {
                        kept.push((key.clone(), value));
                    }
                }
                Kind::Map(kept)
            }
            other => other.clone(),
        };
        Some(Node {
            kind,
            span: node.span.clone(),
        })
    }

    fn call(
        &self,
        node: &Node,
        name: &str,
        argument: &Node,
        reader: &mut Reader<'_>,
    ) -> Option<Node> {
        let text = match name {
            "Ref" => {
                let wanted = reader.text(argument)?;
                if wanted == "AWS::NoValue" {
                    return None;
                }
                self.reference(&wanted, node, reader)?
            }
            "GetAtt" => {
                let path = match &argument.kind {
                    Kind::List(parts) => {
                        let parts: Vec<&str> = parts.iter().filter_map(Node::text).collect();
                        parts.join(".")
                    }
                    _ => reader.text(argument)?,
                };
                self.attribute(&path, node, reader)?
            }
            "Sub" => self.substitute(argument, reader)?,
            "Join" => self.join(argument, reader)?,
            other => {
                reader.wrong(
                    node,
                    format!("the intrinsic function `{other}` is not supported"),
                );
                return None;
            }
        };
        Some(Node {
            kind: Kind::Scalar {
                value: Value::from(text.clone()),
                text,
            },
            span: node.span.clone(),
        })
    }

    fn reference(&self, wanted: &str, at: &Node, reader: &mut Reader<'_>) -> Option<String> {
        if let Some(value) = self.parameters.get(wanted) {
            return Some(value.clone());
        }
        let known = match wanted {
            "AWS::Region" => Some(REGION.to_owned()),
            "AWS::AccountId" => Some(ACCOUNT.to_owned()),
            "AWS::Partition" => Some("aws".to_owned()),
            "AWS::URLSuffix" => Some("amazonaws.com".to_owned()),
            "AWS::StackId" => Some(format!(
                "arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{}/1",
                self.stack
            )),
            // The last two are what SAM makes of events that name no API.
            "AWS::StackName" | "ServerlessRestApi" | "ServerlessHttpApi" => {
                Some(self.stack.to_string())
            }
            _ => self.name_of(wanted),
        };
        if known.is_none() {
            reader.wrong(
                at,
                format!("`{wanted}` is neither a parameter nor a resource that is supported"),
            );
        }
        known
    }

    /// What a resource is called, by its logical id.
    pub(super) fn name_of(&self, logical: &str) -> Option<String> {
        let resource = self.resource(logical)?;
        let property = match resource.get("Type").and_then(Node::text)? {
            "AWS::Serverless::Function" => "FunctionName",
            "AWS::S3::Bucket" => "BucketName",
            "AWS::Serverless::Api" | "AWS::Serverless::HttpApi" => "Name",
            "AWS::IAM::Role" => "RoleName",
            "AWS::IAM::ManagedPolicy" => "ManagedPolicyName",
            "AWS::Logs::LogGroup" => "LogGroupName",
            "AWS::Serverless::LayerVersion" => return Some(logical.to_owned()),
            _ => return None,
        };
        let depth = self.depth.get();
        let names = self.names.get().saturating_add(1);
        self.names.set(names);
        if depth >= DEEPEST || names > MOST_NAMES {
            return None;
        }
        self.depth.set(depth + 1);
        let given = resource.get("Properties").and_then(|p| p.get(property));
        let mut silent = Reader::new("", "");
        let given = given.and_then(|node| self.evaluate(node, &mut silent));
        let given = given.and_then(|node| node.text().map(str::to_owned));
        self.depth.set(depth);
        let made = || {
            let name = format!("{}-{logical}", self.stack);
            // Buckets are in lower case.
            if property == "BucketName" {
                name.to_lowercase()
            } else {
                name
            }
        };
        Some(given.unwrap_or_else(made))
    }

    /// The API of this template with a name, by which events name it.
    pub(super) fn api(&self, name: &str) -> Option<&'a Node> {
        let resources = self.root.get("Resources").and_then(Node::entries)?;
        let is_api = |resource: &Node| {
            let kind = resource.get("Type").and_then(Node::text);
            matches!(
                kind,
                Some("AWS::Serverless::Api" | "AWS::Serverless::HttpApi")
            )
        };
        let found = resources.iter().find(|(key, resource)| {
            is_api(resource) && self.name_of(&key.name).as_deref() == Some(name)
        });
        found.map(|(_, resource)| resource)
    }

    /// A resource by its logical id.
    pub(super) fn resource(&self, logical: &str) -> Option<&'a Node> {
        self.root.get("Resources")?.get(logical)
    }

    fn attribute(&self, path: &str, at: &Node, reader: &mut Reader<'_>) -> Option<String> {
        let (logical, attribute) = path.split_once('.').unwrap_or((path, ""));
        let kind = self
            .resource(logical)
            .and_then(|resource| resource.get("Type"))
            .and_then(Node::text);
        let name = self.name_of(logical);
        match (kind, attribute, name) {
            (Some("AWS::Serverless::Function"), "Arn", Some(name)) => {
                Some(format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"))
            }
            (Some("AWS::S3::Bucket"), "Arn", Some(name)) => Some(format!("arn:aws:s3:::{name}")),
            (Some("AWS::IAM::Role"), "Arn", Some(name)) => {
                Some(format!("arn:aws:iam::{ACCOUNT}:role/{name}"))
            }
            (Some("AWS::Logs::LogGroup"), "Arn", Some(name)) => Some(format!(
                "arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"
            )),
            (None, "Arn", _) if self.is_role_of_function(logical) => Some(format!(
                "arn:aws:iam::{ACCOUNT}:role/{}-{logical}",
                self.stack
            )),
            _ => {
                reader.wrong(at, format!("the attribute `{path}` is not supported"));
                None
            }
        }
    }

    /// SAM makes a role for each function that names none, `<function>Role`.
    fn is_role_of_function(&self, logical: &str) -> bool {
        let function = logical.strip_suffix("Role");
        let resource = function.and_then(|function| self.resource(function));
        let kind = resource.and_then(|resource| resource.get("Type"));
        kind.and_then(Node::text) == Some("AWS::Serverless::Function")
    }

    /// `${Name}`, `${Resource.Attribute}`, `${!Literal}`.
    fn substitute(&self, argument: &Node, reader: &mut Reader<'_>) -> Option<String> {
        let (template, own) = match &argument.kind {
            Kind::List(items) => {
                if let [template, own] = items.as_slice() {
                    (template, Some(self.evaluate(own, reader)?))
                } else {
                    reader.wrong(argument, "`Sub` takes a text, or a text and values");
                    return None;
                }
            }
            _ => (argument, None),
        };
        let text = reader.text(template)?;
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some(start) = rest.find("${") {
            out.push_str(&rest[..start]);
            let Some(length) = rest[start..].find('}') else {
                reader.wrong(template, "`${` has no `}`");
                return None;
            };
            let name = rest[start + 2..start + length].trim();
            let given = own
                .as_ref()
                .and_then(|own| own.get(name))
                .and_then(Node::text);
            match (name.strip_prefix('!'), given) {
                (Some(literal), _) => {
                    out.push_str("${");
                    out.push_str(literal);
                    out.push('}');
                }
                (None, Some(value)) => out.push_str(value),
                (None, None) if name.contains('.') => {
                    out.push_str(&self.attribute(name, template, reader)?);
                }
                (None, None) => out.push_str(&self.reference(name, template, reader)?),
            }
            rest = &rest[start + length + 1..];
        }
        out.push_str(rest);
        Some(out)
    }

    fn join(&self, argument: &Node, reader: &mut Reader<'_>) -> Option<String> {
        let Kind::List(items) = &argument.kind else {
            reader.wrong(argument, "`Join` takes a delimiter and a list");
            return None;
        };
        let [delimiter, list] = items.as_slice() else {
            reader.wrong(argument, "`Join` takes a delimiter and a list");
            return None;
        };
        let delimiter = reader.text(delimiter)?;
        let list = self.evaluate(list, reader)?;
        let mut parts = Vec::new();
        for item in reader.list(&list) {
            parts.push(item.text().unwrap_or_default().to_owned());
        }
        Some(parts.join(&delimiter))
    }
}
