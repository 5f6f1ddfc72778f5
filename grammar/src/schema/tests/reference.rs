//! What the reference implementation accepts and rejects, without resolving names: found by probing it, and by
//! comparing with it on random changes of schemas.

use super::{Syntax, codes, read};

#[track_caller]
fn accepts(syntax: Syntax, texts: &[&str]) {
    for text in texts {
        let (_, _, diagnostics) = read(syntax, text);
        assert!(diagnostics.iter().all(|diagnostic| !diagnostic.is_error()), "{text}: {diagnostics:#?}");
    }
}

#[track_caller]
fn rejects(syntax: Syntax, texts: &[&str]) {
    for text in texts {
        let (_, _, diagnostics) = read(syntax, text);
        assert!(diagnostics.iter().any(crate::Diagnostic::is_error), "{text}");
    }
}

#[test]
fn cedar_syntax_that_is_accepted() {
    accepts(
        Syntax::Cedar,
        &[
            "",
            "// nothing",
            "entity A in [];",
            "entity A {};",
            "entity A = {a: Long,};",
            "entity A {a: Long, a: Bool};",
            "entity A {\"\": Long};",
            "entity A enum [\"x\",\"x\"];",
            "entity A { __cedar: __cedar::Long };",
            "action __cedar in [__cedar::Action::\"a\"];",
            "action a in [N::\"b\"];",
            "action a attributes {};",
            "action a appliesTo {principal: A, resource: A, context: Set};",
            "action a appliesTo {context: {}, resource: A, principal: A,};",
            "entity Set; entity entity; entity A { x: Set, y: Set<Set> };",
            "type entity = Long; type Action = Long;",
            "namespace N {} namespace M { action a; } action a;",
            "@if(\"x\") @in entity A { @has a: N :: M };",
            "external entity external; external action external;",
        ],
    );
}

#[test]
fn cedar_syntax_that_is_rejected() {
    rejects(
        Syntax::Cedar,
        &[
            "entity A,;",
            "entity A",
            "entity A;;",
            "entity A = T;",
            "entity A {a: String} = {};",
            "entity A tags String in [B];",
            "entity A enum [\"x\"] tags String;",
            "entity A enum [\"x\"] in [B];",
            "entity A = {,};",
            "entity A :: B;",
            "entity \"A\";",
            "entity A { x: in };",
            "action a appliesTo {principal: A, resource: A,,};",
            "action a appliesTo {principal: A, resource: A, context: Set<Long>};",
            "action a in a::b;",
            "external entity A {};",
            "external entity A tags Long;",
            "external action a appliesTo {principal: A, resource: A};",
            "@a",
            "@a(\"x\" \"y\") entity A;",
            "namespace \"A\" {}",
            "namespace N {};",
            "type T;",
        ],
    );
}

#[test]
fn json_syntax_that_is_accepted() {
    accepts(
        Syntax::Json,
        &[
            "{}",
            r#"{"":[{},{},{}]}"#,
            r#"{"":{"entityTypes":{"A":[],"B":[["A"]]},"actions":{"a":[],"b":[null,[["A"],["A"]],[["a"],["b",null]],null,{}]}}}"#,
            r#"{"":{"entityTypes":{},"actions":{},"annotations":{}}}"#,
            r#"{"":{"entityTypes":{"A":{"shape":{"type":"Long"},"memberOfTypes":["__cedar::A"]}},"actions":{"b":{"external":null}}}}"#,
            r#"{"":{"commonTypes":{"T":{"type":"Extension","name":"nope","annotations":{"a":null}},"U":{"type":"Bool"}},"entityTypes":{},"actions":{}}}"#,
            r#"{"":{"commonTypes":{"T":{"type":"Record","attributes":{},"additionalAttributes":true}},"entityTypes":{},"actions":{}}}"#,
        ],
    );
}

#[test]
fn json_syntax_that_is_rejected() {
    rejects(
        Syntax::Json,
        &[
            "[]",
            r#"{"":{}}"#,
            r#"{"":[{},{}]}"#,
            r#"{"":[{},{},{},{},{}]}"#,
            r#"{"":{"entityTypes":{},"actions":{},"annotations":null}}"#,
            r#"{"":{"entityTypes":{},"actions":{},"commonTypes":null}}"#,
            r#"{"":{"entityTypes":{"A":{"external":null}},"actions":{}}}"#,
            r#"{"":{"entityTypes":{"A":{"memberOfTypes":null}},"actions":{}}}"#,
            r#"{"":{"entityTypes":{"A":{"shape":[]}},"actions":{}}}"#,
            r#"{"":{"entityTypes":{},"actions":{"a":{"attributes":{}}}}}"#,
            r#"{"":{"entityTypes":{},"actions":{"a":{"appliesTo":[["A"]]}}}}"#,
            r#"{"":{"entityTypes":{},"actions":{"a":{"appliesTo":{"resourceTypes":[],"principalTypes":[],"context":null}}}}}"#,
            r#"{"__cedar::X":{"entityTypes":{},"actions":{}}}"#,
            r#"{"":{"commonTypes":{"T":{"type":"Record","attributes":{"a":{"type":"Set","element":{"type":"Long","required":true}}}}},"entityTypes":{},"actions":{}}}"#,
        ],
    );
}

#[test]
fn warnings_are_those_of_the_reference() {
    assert_eq!(codes(Syntax::Cedar, "entity String; type T = Long; entity T;").len(), 2);
    assert_eq!(codes(Syntax::Cedar, "action String; entity Boolean, Set;"), [""; 0]);
    assert_eq!(codes(Syntax::Json, r#"{"":{"entityTypes":{"String":{}},"actions":{}}}"#), [""; 0]);
}
