//! A request in the handles of an engine.
//!
//! Most policies read a few members of the context by name. So a decision binds the members whose names the engine
//! knows, each by itself, and makes no record of them; what no policy can name is passed over. The context as a whole,
//! with everything in it, is bound when the VM runs a condition that reads it, or when a member is itself a set or
//! record, whose parts have handles too.

use crate::{
    engine::Engine,
    pool::{EntityId, Interner, Layer, Lookup, Member, Overlay, Pool, Word, sort_members},
    request::{Context, HandleRequest, Question, Request},
    vm::{Machine, Memory, RequestHandles},
};

/// Principal, action and resource.
pub(crate) type Names = [EntityId; 3];

/// The names of a request, unless they are handles of another engine.
#[inline]
pub(crate) fn names(question: &Question<'_>, pool: &Pool, layer: &mut Layer) -> Option<Names> {
    match question {
        Question::Handles(request) => known(request, pool),
        Question::Named(request) => {
            let mut overlay = Overlay::again(pool, layer);
            let uids = [request.principal(), request.action(), request.resource()];
            Some(uids.map(|uid| overlay.intern_entity(uid)))
        }
    }
}

/// The names of a request in handles, if the pool gave them out.
#[inline]
fn known(request: &HandleRequest<'_>, pool: &Pool) -> Option<Names> {
    let names = [request.principal, request.action, request.resource].map(|handle| handle.0);
    let [principal, action, resource] = names;
    pool.knows(principal.max(action).max(resource)).then_some(names)
}

/// Finds the members of the context that policies may name; gives the whole context if it had to be bound.
#[inline]
pub(crate) fn members(context: &Context, pool: &Pool, memory: &mut Memory, into: &mut Vec<Member>) -> Option<Word> {
    into.clear();
    if context.is_empty() { None } else { some_members(context, pool, memory, into) }
}

fn some_members(context: &Context, pool: &Pool, memory: &mut Memory, into: &mut Vec<Member>) -> Option<Word> {
    let (source, word) = context.parts();
    let Word::Record(record) = word else { return None };
    let mut overlay = Overlay::again(pool, &mut memory.layer);
    for (name, value) in source.record(record) {
        let Some(name) = pool.find_string(source.string(*name)) else { continue };
        let Some(value) = flat(*value, source, &mut overlay) else {
            return Some(whole_members(context, pool, memory, into));
        };
        into.push((name, value));
    }
    if into.len() > 1 {
        sort_members(into);
    }
    None
}

/// The value in the handles of the overlay, unless it has parts.
fn flat(value: Word, source: &Layer, overlay: &mut Overlay<'_>) -> Option<Word> {
    match value {
        Word::Bool(_) | Word::Long(_) | Word::Decimal(_) | Word::Datetime(_) | Word::Duration(_) => Some(value),
        Word::String(text) => Some(Word::String(overlay.intern_string(source.string(text)))),
        Word::Entity(entity) => {
            let (ty, id) = source.entity_parts(entity);
            Some(Word::Entity(overlay.intern_name(source.type_text(ty), source.string(id))))
        }
        Word::Ip(ip) => Some(Word::Ip(overlay.intern_ip(source.ip(ip)))),
        Word::Set(_) | Word::Record(_) => None,
    }
}

#[inline(never)]
fn whole_members(context: &Context, pool: &Pool, memory: &mut Memory, into: &mut Vec<Member>) -> Word {
    let whole = memory.bind_context(context, pool);
    into.clear();
    if let Word::Record(record) = whole {
        into.extend_from_slice(Overlay::again(pool, &mut memory.layer).record(record));
    }
    whole
}

/// All of a request, for who looks at every policy.
pub(crate) fn whole(question: Question<'_>, engine: &Engine, machine: &mut Machine<'_>) -> Option<RequestHandles> {
    match question {
        Question::Named(request) => Some(whole_request(request, machine)),
        Question::Handles(request) => {
            let [principal, action, resource] = known(&request, engine.entities.pool())?;
            let context = machine.bind_context(request.context);
            let handles = RequestHandles { principal, action, resource, context };
            machine.set_request(handles);
            Some(handles)
        }
    }
}

/// All of a request with names.
pub(crate) fn whole_request(request: &Request, machine: &mut Machine<'_>) -> RequestHandles {
    let overlay = &mut machine.overlay;
    let handles = RequestHandles {
        principal: overlay.intern_entity(request.principal()),
        action: overlay.intern_entity(request.action()),
        resource: overlay.intern_entity(request.resource()),
        context: machine.bind_context(request.context()),
    };
    machine.set_request(handles);
    handles
}
