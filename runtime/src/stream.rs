//! JSON straight into handles.
//!
//! A service that gets its requests as JSON reads a small text for every decision. Documents keep the place of every
//! value for messages, and memory of their own; here a text is read once, from left to right, and its values become
//! words on top of an engine's pool. Memory is the caller's, so reading allocates nothing once it has seen the largest
//! text.
//!
//! The reader gives up on every mistake, and on what is legal and unusual: keys that stand twice, extension functions
//! with several arguments, entities with other members than type and id, members that nobody knows. Then the text is
//! read again as a document, which tells the two apart. So the reader may be ignorant, but it may not be wrong: what it
//! reads is what [`decode`](crate::decode) reads.

mod text;

use deodar_lexicon::{Builtin, limits, name};

use crate::{
    pool::{EntityId, Interner, Member, Overlay, StringId, Word},
    value,
};
pub(crate) use text::{Reader, Text};

/// Memory of a reader, to be used again.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// Texts with escapes, without them, one behind the other.
    pub(crate) unescaped: String,
    /// The sets and records that are not closed yet.
    open: Vec<Open>,
    /// Their elements and members so far.
    words: Vec<Word>,
    names: Vec<StringId>,
    /// Room for those of one of them.
    elements: Vec<Word>,
    members: Vec<Member>,
}

/// A set or record that is not closed yet, and where its content begins.
#[derive(Debug, Clone, Copy)]
enum Open {
    Set { first: usize },
    Record { first: usize, first_name: usize },
}

/// An object that is no record, if it has no other member.
#[derive(Debug, Clone, Copy)]
enum Escape {
    Entity,
    Extension,
    Expression,
}

impl Escape {
    fn of(key: &str) -> Option<Self> {
        match key {
            "__entity" => Some(Self::Entity),
            "__extn" => Some(Self::Extension),
            "__expr" => Some(Self::Expression),
            _ => None,
        }
    }
}

impl Buffers {
    pub(crate) fn clear(&mut self) {
        self.unescaped.clear();
        self.open.clear();
        self.words.clear();
        self.names.clear();
    }
}

/// Reads values of one text.
pub(crate) struct Decoder<'t, 'b, 'p> {
    pub(crate) reader: Reader<'t>,
    pub(crate) buffers: &'b mut Buffers,
    pub(crate) overlay: Overlay<'p>,
}

impl<'t> Decoder<'t, '_, '_> {
    /// A string, to be looked at with [`get`](Self::get).
    pub(crate) fn text(&mut self) -> Option<Text<'t>> {
        self.reader.text(&mut self.buffers.unescaped)
    }

    pub(crate) fn get<'s>(&'s self, text: &'s Text<'t>) -> &'s str {
        text.get(&self.buffers.unescaped)
    }

    /// A key and its colon.
    pub(crate) fn key(&mut self) -> Option<Text<'t>> {
        let key = self.text()?;
        self.reader.expect(b':')?;
        Some(key)
    }

    /// Reads an object whose members `member` reads, each key with its colon before.
    pub(crate) fn object(&mut self, mut member: impl FnMut(&mut Self, Text<'t>) -> Option<()>) -> Option<()> {
        self.reader.expect(b'{')?;
        if self.reader.takes(b'}') {
            return Some(());
        }
        loop {
            let key = self.key()?;
            member(self, key)?;
            if self.reader.takes(b'}') {
                return Some(());
            }
            self.reader.expect(b',')?;
        }
    }

    /// Reads an object as members with names, in the order of their handles, each name once.
    pub(crate) fn members(&mut self, into: &mut Vec<Member>) -> Option<()> {
        into.clear();
        let mut is_escape = false;
        self.object(|decoder, key| {
            let name = decoder.get(&key);
            is_escape |= Escape::of(name).is_some();
            let name = intern(&mut decoder.overlay, &decoder.buffers.unescaped, &key);
            let value = decoder.value()?;
            into.push((name, value));
            Some(())
        })?;
        (!is_escape && sort_unique(into)).then_some(())
    }

    /// Reads the name of an entity: `{"type": …, "id": …}`, with its escape or without.
    pub(crate) fn entity(&mut self) -> Option<EntityId> {
        self.reader.expect(b'{')?;
        let key = self.key()?;
        if self.get(&key) == "__entity" { self.escaped_entity() } else { self.type_and_id(&key) }
    }

    /// The rest of an object behind the key `__entity`.
    fn escaped_entity(&mut self) -> Option<EntityId> {
        self.reader.expect(b'{')?;
        let key = self.key()?;
        let entity = self.type_and_id(&key)?;
        self.reader.expect(b'}')?;
        Some(entity)
    }

    fn type_and_id(&mut self, first_key: &Text<'t>) -> Option<EntityId> {
        let [ty, id] = self.two_texts(first_key, ["type", "id"])?;
        let unescaped = &self.buffers.unescaped;
        entity(&mut self.overlay, ty.get(unescaped), id.get(unescaped))
    }

    /// The rest of an object behind the key `__extn`.
    fn escaped_extension(&mut self) -> Option<Word> {
        self.reader.expect(b'{')?;
        let key = self.key()?;
        let [function, argument] = self.two_texts(&key, ["fn", "arg"])?;
        self.reader.expect(b'}')?;
        let builtin = Builtin::from_name(self.get(&function))?;
        let argument = intern(&mut self.overlay, &self.buffers.unescaped, &argument);
        value::call(builtin, &[Word::String(argument)], &mut self.overlay).ok()
    }

    /// The rest of an object with these two members, which are texts, in any order, behind its first key.
    #[inline]
    fn two_texts(&mut self, first_key: &Text<'t>, names: [&str; 2]) -> Option<[Text<'t>; 2]> {
        let first = self.text()?;
        self.reader.expect(b',')?;
        let second_key = self.key()?;
        let second = self.text()?;
        self.reader.expect(b'}')?;
        let (first_key, second_key) = (self.get(first_key), self.get(&second_key));
        let [one, other] = names;
        if first_key == one && second_key == other {
            Some([first, second])
        } else {
            (first_key == other && second_key == one).then_some([second, first])
        }
    }

    /// Reads any value.
    pub(crate) fn value(&mut self) -> Option<Word> {
        let outer = self.buffers.open.len();
        loop {
            let mut word = match self.begin()? {
                Begun::Value(word) => word,
                Begun::Container => continue,
            };
            // A value has ended: close what ends with it, or go on to the next one.
            while self.buffers.open.len() > outer {
                self.buffers.words.push(word);
                match self.end()? {
                    Ended::Container(closed) => word = closed,
                    Ended::Value => break,
                }
            }
            if self.buffers.open.len() == outer {
                return Some(word);
            }
        }
    }

    /// Reads a value without parts, or the begin of a set or record.
    fn begin(&mut self) -> Option<Begun> {
        let (first, first_name) = (self.buffers.words.len(), self.buffers.names.len());
        Some(Begun::Value(match self.reader.peek()? {
            b'{' => {
                self.reader.expect(b'{')?;
                if self.reader.takes(b'}') {
                    return Some(Begun::Value(Word::Record(self.overlay.intern(&[][..]))));
                }
                let key = self.key()?;
                if let Some(escape) = Escape::of(self.get(&key)) {
                    return Some(Begun::Value(self.escaped(escape)?));
                }
                self.open(Open::Record { first, first_name })?;
                self.name(&key);
                return Some(Begun::Container);
            }
            b'[' => {
                self.reader.expect(b'[')?;
                if self.reader.takes(b']') {
                    self.buffers.elements.clear();
                    return Some(Begun::Value(Word::Set(self.overlay.intern_set(&mut self.buffers.elements))));
                }
                self.open(Open::Set { first })?;
                return Some(Begun::Container);
            }
            b'"' => {
                let text = self.text()?;
                Word::String(intern(&mut self.overlay, &self.buffers.unescaped, &text))
            }
            b't' => self.reader.word("true", Word::Bool(true))?,
            b'f' => self.reader.word("false", Word::Bool(false))?,
            _ => Word::Long(self.reader.integer()?),
        }))
    }

    fn open(&mut self, open: Open) -> Option<()> {
        self.buffers.open.push(open);
        // The context is a level, too, and what is in this one may be an empty set or record.
        (self.buffers.open.len() + 1 < limits::VALUE_NESTING.as_usize()).then_some(())
    }

    /// The rest of an object that is no record, behind its first key.
    fn escaped(&mut self, escape: Escape) -> Option<Word> {
        match escape {
            Escape::Entity => self.escaped_entity().map(Word::Entity),
            Escape::Extension => self.escaped_extension(),
            Escape::Expression => None,
        }
    }

    fn name(&mut self, key: &Text<'t>) {
        let name = intern(&mut self.overlay, &self.buffers.unescaped, key);
        self.buffers.names.push(name);
    }

    /// Reads what follows a value in a set or record.
    fn end(&mut self) -> Option<Ended> {
        let open = *self.buffers.open.last()?;
        if self.reader.takes(b',') {
            if matches!(open, Open::Record { .. }) {
                let key = self.key()?;
                self.name(&key);
            }
            return Some(Ended::Value);
        }
        self.buffers.open.pop();
        Some(Ended::Container(match open {
            Open::Set { first } => {
                self.reader.expect(b']')?;
                let Buffers { words, elements, .. } = &mut *self.buffers;
                elements.clear();
                elements.extend(words.drain(first..));
                Word::Set(self.overlay.intern_set(elements))
            }
            Open::Record { first, first_name } => {
                self.reader.expect(b'}')?;
                self.record(first, first_name)?
            }
        }))
    }

    /// The record of the last members.
    fn record(&mut self, first: usize, first_name: usize) -> Option<Word> {
        let Buffers { words, names, members, .. } = &mut *self.buffers;
        members.clear();
        members.extend(names.drain(first_name..).zip(words.drain(first..)));
        sort_unique(members).then(|| Word::Record(self.overlay.intern(members.as_slice())))
    }
}

/// What ends with a value.
enum Ended {
    /// Only the value; there is another one.
    Value,
    /// The set or record that it is in.
    Container(Word),
}

/// What a value begins with.
enum Begun {
    Value(Word),
    Container,
}

/// Puts members in the order of their handles; whether each name stands there once.
pub(crate) fn sort_unique(members: &mut [Member]) -> bool {
    members.sort_unstable_by_key(|(name, _)| *name);
    members.windows(2).all(|pair| matches!(pair, [(one, _), (other, _)] if one != other))
}

fn intern(overlay: &mut Overlay<'_>, unescaped: &str, text: &Text<'_>) -> StringId {
    overlay.intern_string(text.get(unescaped))
}

/// The entity of that name, unless the type is not the name of one.
pub(crate) fn entity(overlay: &mut Overlay<'_>, ty: &str, id: &str) -> Option<EntityId> {
    overlay.find_name(ty, id).or_else(|| name::is_qualified_name(ty).then(|| overlay.intern_name(ty, id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Context, Engine, Entities, Program, Request, Scratch, Value,
        entities::update::tests::Random,
        pool::{Layer, Pool},
    };

    /// The context as the reader reads it.
    fn read(text: &str) -> Option<Value> {
        let (mut pool, mut layer, mut buffers) = (Pool::default(), Layer::default(), Buffers::default());
        pool.intern_string("known");
        let overlay = Overlay::new(&pool, &mut layer);
        let mut decoder = Decoder { reader: Reader::new(text), buffers: &mut buffers, overlay };
        let mut members = Vec::new();
        decoder.members(&mut members).filter(|()| decoder.reader.is_at_end())?;
        let record = decoder.overlay.intern(members.as_slice());
        Some(Value::of(&decoder.overlay, Word::Record(record)))
    }

    #[test]
    fn what_is_read_is_what_documents_say() {
        let usual = [
            "{}",
            r#" { "known" : 1 , "b" : [ ] , "c" : { } } "#,
            r#"{"a": -5, "b": true, "c": false, "d": "text", "e": 0, "f": 9223372036854775807}"#,
            r#"{"a": [1, [2, {"b": [3, "x"]}], {"c": {"d": {}}}], "known": {"known": [true]}}"#,
            r#"{"a\n\u00e9\ud83d\ude00": "\"\\\/\b\f\n\r\tx\u0000", "b": "z", "c": "q\"w\"e"}"#,
            r#"{"a": {"__entity": {"type": "A::B", "id": "x \" y"}}, "b": [{"__entity": {"id": "i", "type": "T"}}]}"#,
            r#"{"a": {"__extn": {"fn": "ip", "arg": "10.0.0.1"}}, "b": {"__extn": {"arg": "1.5", "fn": "decimal"}}}"#,
            r#"{"a": {"type": "T", "id": "x"}}"#,
        ];
        for text in usual {
            let expected = Context::from_json(text, None).expect(text);
            assert_eq!(read(text).as_ref(), Some(expected.as_value()), "{text}");
        }
        let unusual = [
            "",
            "{",
            "[]",
            "{} 1",
            r#"{"a": }"#,
            r#"{"a": 1,}"#,
            r#"{"a": 01}"#,
            r#"{"a": -0}"#,
            r#"{"a": --1}"#,
            r#"{"a": 1.0}"#,
            r#"{"a": 1e3}"#,
            r#"{"a": 9223372036854775808}"#,
            r#"{"a": null}"#,
            r#"{"a": nul}"#,
            r#"{"a": truex}"#,
            r#"{"a": [1 2]}"#,
            r#"{"a": [1,]}"#,
            r#"{"a" 1}"#,
            r#"{"a": "\q"}"#,
            r#"{"a": "\ud83d"}"#,
            r#"{"a": "\ud83dx"}"#,
            r#"{"a": "\ude00"}"#,
            "{\"a\": \"b\nc\"}",
            r#"{"a": "b"#,
            r#"{"a": 1, "a": 2}"#,
            r#"{"a": {"b": 1, "b": 2}}"#,
            r#"{"__entity": {"type": "T", "id": "x"}}"#,
            r#"{"a": {"__entity": {"type": "T T", "id": "x"}}}"#,
            r#"{"a": {"__entity": {"type": "T"}}}"#,
            r#"{"a": {"__entity": {"type": "T", "id": "x"}, "b": 1}}"#,
            r#"{"a": {"__expr": "1"}}"#,
            r#"{"a": {"__extn": {"fn": "decimal", "arg": "x"}}}"#,
            r#"{"a": {"__extn": {"fn": "no", "arg": "x"}}}"#,
        ];
        for text in unusual {
            let value = read(text);
            if let (Some(value), expected) = (value, Context::from_json(text, None)) {
                assert_eq!(expected.map(|context| context.as_value().clone()), Ok(value), "{text}");
            }
        }
        assert_eq!(unusual.iter().filter(|text| read(text).is_some()).count(), 0);
        let nested = |depth: usize| format!("{{\"a\": {}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&nested(1_000)).is_some() && read(&nested(100_000)).is_none());
    }

    /// A value of a few parts, most of them legal, as chance has it.
    fn value(random: &mut Random, depth: usize) -> String {
        const LEAVES: [&str; 16] = [
            "1",
            "-7",
            "0",
            "00",
            "1.5",
            "true",
            "null",
            "\"x\"",
            "\"\\u0041\"",
            "\"\\r\"",
            "\"\"",
            "[]",
            "{}",
            "\"\u{7f}é\"",
            "\"known\"",
            "\"U\"",
        ];
        const KEYS: [&str; 10] = ["a", "b", "\\u0061", "__entity", "__extn", "__expr", "type", "id", "fn", "arg"];
        const WHOLE: [&str; 8] = [
            r#"{"__entity": {"type": "U", "id": "x"}}"#,
            r#"{"__entity": {"id": "a\rb", "type": "A::B"}}"#,
            r#"{"__entity": {"type": "if", "id": "x"}}"#,
            r#"{"__entity": {"type": "__cedar::U", "id": "x"}}"#,
            r#"{"__extn": {"fn": "decimal", "arg": "1.50"}}"#,
            r#"{"__extn": {"arg": "10.0.0.1", "fn": "ip"}}"#,
            r#"{"__extn": {"fn": "toDate", "arg": "2024-01-01"}}"#,
            r#"{"type": "U", "id": "x"}"#,
        ];
        let part = |random: &mut Random| value(random, depth.saturating_sub(1));
        match random.below(if depth == 0 { 3 } else { 6 }) {
            0 | 1 => LEAVES[random.below(LEAVES.len())].to_owned(),
            2 => WHOLE[random.below(WHOLE.len())].to_owned(),
            3 => {
                let parts: Vec<_> = (0..random.below(4)).map(|_| part(random)).collect();
                format!("[{}]", parts.join(","))
            }
            _ => {
                let member = |random: &mut Random| format!("\"{}\": {}", KEYS[random.below(KEYS.len())], part(random));
                let members: Vec<_> = (0..random.below(4)).map(|_| member(random)).collect();
                format!("{{{}}}", members.join(" , "))
            }
        }
    }

    #[test]
    fn whatever_is_read_is_what_documents_say() {
        let mut random = Random(7);
        let (mut read_some, mut refused) = (0, 0);
        for _ in 0..20_000 {
            let text = value(&mut random, 3);
            let expected = Context::from_json(&text, None).map(|context| context.as_value().clone());
            match read(&text) {
                Some(value) => assert_eq!(expected, Ok(value), "{text}"),
                None => refused += usize::from(expected.is_err()),
            }
            read_some += usize::from(read(&text).is_some_and(|value| value != read("{}").expect("empty")));
        }
        assert!(read_some > 500 && refused > 500, "{read_some} read, {refused} refused");
        // At the limit of nesting, too.
        for depth in (limits::VALUE_NESTING.as_usize() - 3)..(limits::VALUE_NESTING.as_usize() + 3) {
            let nested = |inner| {
                [
                    format!("{{\"a\": {}{inner}{}}}", "[".repeat(depth), "]".repeat(depth)),
                    format!("{}{inner}{}", "{\"a\":".repeat(depth), "}".repeat(depth)),
                ]
            };
            for text in ["1", "[]", "{}", r#"{"__entity": {"type": "U", "id": "x"}}"#].iter().flat_map(nested) {
                if let Some(value) = read(&text) {
                    let expected = Context::from_json(&text, None).map(|context| context.as_value().clone());
                    assert!(expected == Ok(value), "{depth} levels");
                }
            }
        }
    }

    #[test]
    fn names_are_read_as_documents_read_them() {
        let engine = Engine::new(Program::default(), Entities::new());
        let types = ["U", "A::B", "if", "A::in", "__cedar::U", "__cedar", " U", "A :: B", "", "é", "9a", "U::"];
        let ids = ["x", "", "a\rb", "a\nb", "a\0b", "a\"b", "a\\", "\\n", "x::\"y", "é*"];
        for (ty, id) in types.iter().flat_map(|ty| ids.map(|id| (*ty, id))) {
            let quote = |text: &str| Value::from(text).to_json().expect("a string");
            let forms = [
                quote(&format!("{ty}::\"{id}\"")),
                format!("{{\"type\": {}, \"id\": {}}}", quote(ty), quote(id)),
                format!("{{\"__entity\": {{\"id\": {}, \"type\": {}}}}}", quote(id), quote(ty)),
            ];
            for form in forms {
                let others = r#""action": "Action::\"a\"", "resource": "R::\"r\"", "context": {}"#;
                let text = format!("{{\"principal\": {form}, {others}}}");
                let mut scratch = Scratch::new();
                let expected = Request::from_json(&text, None);
                assert!(!scratch.decide_json(&engine, &text) || expected.is_ok(), "{text}: {expected:?}");
            }
        }
    }

    #[test]
    fn requests_in_json_are_requests() {
        let engine = Engine::new(Program::default(), Entities::new());
        let (text, object) = (r#""User::\"a\"""#, r#"{"type": "User", "id": "a"}"#);
        let escape = format!(r#"{{"__entity": {object}}}"#);
        let request = |principal: &str| {
            format!(r#"{{"principal": {principal}, "action": {text}, "resource": {object}, "context": {{"a": [1]}}}}"#)
        };
        let mut scratch = Scratch::new();
        for principal in [text, object, &escape] {
            let request = request(principal);
            assert!(scratch.decide_json(&engine, &request), "{request}");
            assert_eq!(Request::from_json(&request, None).expect("a request").principal().to_string(), "User::\"a\"");
        }
        let mistakes = ["1", "null", "\"User\"", "{}", "{\"type\": \"User\"}", "{\"type\": \"a b\", \"id\": \"a\"}"];
        for principal in mistakes {
            let request = request(principal);
            assert_eq!(
                engine.decide_json(&mut scratch, &request).map(|answer| answer.to_response()),
                Request::from_json(&request, None).map(|request| engine.authorize(&request)),
            );
        }
        for bad in ["", "{}", "[]", "{\"principal\": \"User::\\\"a\\\"\"}"] {
            assert!(engine.decide_json(&mut scratch, bad).is_err(), "{bad}");
        }
        let twice = request(text).replace("\"action\"", "\"principal\"");
        assert!(engine.decide_json(&mut scratch, &twice).is_err());
        let other = request(text).replace("\"context\"", "\"more\": 1, \"context\"");
        assert!(engine.decide_json(&mut scratch, &other).is_ok() && !scratch.decide_json(&engine, &other));
    }
}
