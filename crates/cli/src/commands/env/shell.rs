//! Setting a variable in each shell's syntax, so that no value can end its quotes.

use crate::arguments::Shell;

/// The command that sets a variable for programs.
pub(super) fn set(shell: Shell, name: &str, value: &str) -> String {
    match shell {
        Shell::Sh | Shell::Bash | Shell::Zsh => {
            format!("export {name}='{}'", value.replace('\'', r"'\''"))
        }
        Shell::Fish => {
            let value = value.replace('\\', r"\\").replace('\'', r"\'");
            format!("set -gx {name} '{value}'")
        }
        Shell::Powershell => format!("$env:{name} = '{}'", in_powershell(value)),
        Shell::Tcsh => format!("setenv {name} '{}'", in_tcsh(value)),
        Shell::Elvish => format!("set-env {name} '{}'", value.replace('\'', "''")),
    }
}

/// The command that removes a variable; it is no error that there is none.
pub(super) fn unset(shell: Shell, name: &str) -> String {
    match shell {
        Shell::Sh | Shell::Bash | Shell::Zsh => format!("unset {name}"),
        Shell::Fish => format!("set -e {name}"),
        Shell::Powershell => {
            format!("Remove-Item -Path Env:{name} -ErrorAction SilentlyContinue")
        }
        Shell::Tcsh => format!("unsetenv {name}"),
        Shell::Elvish => format!("unset-env {name}"),
    }
}

/// PowerShell ends a quoted text at typographic quotes too; each is written twice.
fn in_powershell(value: &str) -> String {
    let mut quoted = String::new();
    for letter in value.chars() {
        if matches!(letter, '\'' | '\u{2018}'..='\u{201b}') {
            quoted.push(letter);
        }
        quoted.push(letter);
    }
    quoted
}

/// The C shell looks for its history's mark and for line ends inside of quotes too.
fn in_tcsh(value: &str) -> String {
    let value = value.replace('\'', r"'\''").replace('!', r"\!");
    value.replace('\n', "\\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "a'b\"c $HOME `x` \\ ‘q’ ! ; done";

    #[test]
    fn quotes_cannot_be_ended() {
        assert_eq!(
            set(Shell::Fish, "X", NASTY),
            r#"set -gx X 'a\'b"c $HOME `x` \\ ‘q’ ! ; done'"#
        );
        assert_eq!(
            set(Shell::Powershell, "X", NASTY),
            r#"$env:X = 'a''b"c $HOME `x` \ ‘‘q’’ ! ; done'"#
        );
        assert_eq!(
            set(Shell::Tcsh, "X", NASTY),
            r#"setenv X 'a'\''b"c $HOME `x` \ ‘q’ \! ; done'"#
        );
        assert_eq!(
            set(Shell::Elvish, "X", NASTY),
            r#"set-env X 'a''b"c $HOME `x` \ ‘q’ ! ; done'"#
        );
    }

    #[test]
    fn a_real_shell_reads_back_what_was_set() {
        for shell in ["sh", "bash", "dash", "zsh"] {
            let script = format!("{}\nprintf %s \"$X\"", set(Shell::Sh, "X", NASTY));
            let ran = std::process::Command::new(shell)
                .args(["-c", &script])
                .output();
            match ran {
                Ok(ran) => assert_eq!(String::from_utf8_lossy(&ran.stdout), NASTY, "{shell}"),
                Err(error) => assert!(shell != "sh", "{error}"),
            }
        }
    }
}
