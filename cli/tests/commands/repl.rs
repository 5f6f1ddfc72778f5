//! `repl`: lines of a pipe. What a terminal adds is rustyline's.

use crate::{
    project::PROJECT,
    run::{Folder, Line, check_transcript},
};

const SESSION: &str = r#"
// Values.
1 + 2
"a" like "*"
[1, {a: ip("10.0.0.1")}]
9223372036854775807 + 1
principal
1 +
context.mfa

:set principal User::"alice"
:set action Action::"view"
:set resource File::"notes"
:show
principal == resource.owner
resource.ownr
:authorize
:why
:authorize User::"bob" Action::"view" File::"notes"
:why --all
:type resource.owner
:type resource.owner == principal
:type resource.ownr
:type 1 + "a"
:set context {"mfa": true}
:authorize
:unset context
:set pricipal User::"x"
:set principal alice
:unset nothing
:policies
:pol
:tpye 1
:s
:
:load other.cedar
:authorize
:load missing.cedar
:load broken.cedar
:policies
:load
:authorize User::"bob"
:help
:quit
1 + 1
"#;

#[test]
fn lines_of_a_pipe() {
    let folder = Folder::with("repl", &PROJECT);
    folder.write("other.cedar", "@id(\"all\")\npermit (principal, action, resource);\n");
    folder.write("broken.cedar", "permit (");
    let lines = [
        Line { arguments: &["repl"], stdin: SESSION },
        Line { arguments: &["repl", "--policies", "nothing.cedar"], stdin: "1\n" },
        Line { arguments: &["repl", "--format", "sarif"], stdin: "" },
    ];
    check_transcript("lines_of_a_pipe", folder.path(), &lines);
}

/// Without a project nothing is loaded: standard input has the lines.
#[test]
fn lines_without_a_project() {
    let folder = Folder::with("repl-alone", &[("p.cedar", "permit (principal, action, resource);")]);
    let stdin = "User::\"a\" in Team::\"b\"\n:policies\n:type 1\n:authorize\n:load p.cedar\n:authorize U::\"a b\" Action::\"x\" R::\"\\\" \"\n:show";
    check_transcript("lines_without_a_project", folder.path(), &[Line { arguments: &["repl"], stdin }]);
}
