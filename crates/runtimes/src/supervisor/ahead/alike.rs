//! In what a job must be like the one before for its interpreter not to notice that it was started
//! for another.

use crate::launch::{CodeRequirements, Launch, Part, Program};
use domain::function::Network;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What interpreters import before the script. Code that has a module of such a name at its top is
/// found before theirs, so it must be there when they start.
const IMPORTED: [&str; 30] = [
    "_bootlocale",
    "_collections_abc",
    "_distutils_hack",
    "_sitebuiltins",
    "_sysconfigdata",
    "_weakrefset",
    "abc",
    "codecs",
    "collections",
    "encodings",
    "enum",
    "functools",
    "genericpath",
    "importlib",
    "io",
    "keyword",
    "locale",
    "ntpath",
    "operator",
    "os",
    "posixpath",
    "re",
    "site",
    "sitecustomize",
    "stat",
    "sysconfig",
    "types",
    "usercustomize",
    "warnings",
    "zipimport",
];

fn is_python_file(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "py")
}

/// A Python script without what must be done to a process before its program starts.
pub(super) fn is_plain(launch: &Launch) -> bool {
    let is_python = matches!(&launch.program, Program::Script { path, .. } if is_python_file(path));
    is_python
        && launch.part == Part::Whole
        && launch.network == Network::Open
        && launch.code_requirements == CodeRequirements::Ignore
        && !launch.variables.contains_key("PYTHONPATH")
}

/// Those variables that an interpreter, its loader or its allocator read before a script can. Its
/// search path is told by the hook.
pub(super) fn read_at_start(variables: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let is_read = |name: &str| {
        let families = ["PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "GLIBC_", "TZ"];
        families.iter().any(|family| name.starts_with(family))
            || matches!(name, "PATH" | "HOME" | "LOCPATH")
    };
    variables
        .iter()
        .filter(|(name, _)| is_read(name) && *name != "PYTHONPATH")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Whether code has a module at its top that an interpreter would take for one of its own.
pub(super) fn shadows(code: &Path) -> bool {
    let Ok(entries) = fs::read_dir(code) else {
        return true;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let module = name.split('.').next().unwrap_or_default();
        IMPORTED.contains(&module)
    })
}
