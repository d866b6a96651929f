//! The headers of the frames.

use super::walls::View;
use crate::error::Fault;
use crate::replica::{Joins, Signature};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What we say.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub(super) enum Order<'a> {
    /// First of all: to be the template of an environment, with these modules imported.
    Gather { modules: &'a [String] },
    /// First of all: what to load.
    Load {
        form: &'a str,
        entry: Option<String>,
        model_dir: String,
        response_limit: usize,
        template: bool,
        export: bool,
        /// To say what it imports, though it is no template.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        learn: bool,
        /// What a process that was forked from the template of an environment has not from its
        /// start: variables and the working folder.
        #[serde(skip_serializing_if = "Option::is_none")]
        variables: Option<BTreeMap<String, String>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        folder: Option<String>,
        /// What it sees of files, where it is confined.
        #[serde(skip_serializing_if = "Option::is_none")]
        view: Option<&'a View>,
        /// Most bytes of its data, where nothing else limits its memory.
        #[serde(skip_serializing_if = "Option::is_none")]
        data_limit: Option<u64>,
    },
    /// A call; its body is the frame's.
    Invoke {
        id: u64,
        content_type: &'a str,
        accept: &'a str,
        /// The trace that it belongs to, if its caller said one.
        #[serde(skip_serializing_if = "Option::is_none")]
        traceparent: Option<String>,
    },
    /// Several calls; their bodies follow each other in the frame's.
    InvokeMany { id: u64, calls: Vec<Part<'a>> },
    /// Leave.
    Stop,
}

/// One of several calls.
#[derive(Debug, Serialize)]
pub(super) struct Part<'a> {
    pub(super) content_type: &'a str,
    pub(super) accept: &'a str,
    pub(super) length: usize,
}

/// One of several answers; the identity of its reply is its place.
#[derive(Debug, Deserialize)]
pub(super) struct PartReply {
    pub(super) length: usize,
    #[serde(flatten)]
    pub(super) reply: Reply,
}

/// What the worker says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub(super) enum Reply {
    /// It has loaded.
    Ready {
        form: String,
        python: String,
        load_milliseconds: u64,
        signature: Option<Signature>,
        #[serde(default)]
        joins: Joins,
        /// Why a template must not be forked.
        #[serde(default)]
        objection: Option<String>,
        /// What a template imported from its environment in loading.
        #[serde(default)]
        modules: Vec<String>,
        /// What of its isolation was not allowed.
        #[serde(default)]
        lacks: Vec<String>,
    },
    /// The template of an environment is ready, or must not be forked for this reason.
    Gathered { objection: Option<String> },
    /// The model in our own form, whose length this is; cases to compare by follow it.
    Exported { form: usize },
    /// The model cannot be read into our form.
    Unsupported { reason: String },
    /// A template's replica was born; forks are counted from 1.
    Forked { process: u32, number: u64 },
    /// A template's replica ended.
    Exited {
        process: u32,
        code: Option<i32>,
        signal: Option<i32>,
    },
    /// It could not load and leaves.
    LoadError { error: Fault },
    /// The answer to a call; its body is the frame's.
    Answer {
        id: u64,
        status: u16,
        content_type: String,
        #[serde(default)]
        headers: BTreeMap<String, String>,
        #[serde(default)]
        datatype: Option<String>,
    },
    /// The answers to several calls; their bodies follow each other in the frame's.
    Answers { id: u64, answers: Vec<PartReply> },
    /// The request is wrong.
    Refused {
        id: u64,
        status: u16,
        message: String,
    },
    /// User code raised.
    Error {
        id: u64,
        error: Fault,
        /// Whether it ends by itself now, without a look at what else it was asked.
        #[serde(default)]
        leaves: bool,
    },
}
