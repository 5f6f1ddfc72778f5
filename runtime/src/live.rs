//! An engine that is exchanged while requests run.
//!
//! Program and entities are one value, the [`Engine`], so there is one thing to swap and no request sees the policies of
//! one version with the entities of another. Readers take no lock: they take the current engine and keep it for as long
//! as they work. The old engine is freed when the last of them lets it go. Whoever changes something prepares the next
//! engine beside the current one; changes wait for each other, so that none is lost.

use core::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use smol_str::SmolStr;

use crate::{
    Bundle, BundleError, Engine, Entities, EntityUid, InputError, LinkError,
    instruction::Slot,
    link::LinkedConstraint,
    pool::Lookup,
    program::{EntityConstraint, EntityOrSlot},
};

/// Serves the current engine, and exchanges it.
///
/// ```
/// use deodar_runtime::{Bundle, Context, Decision, Engine, Entities, LiveEngine, Program, ProgramParts, Request};
///
/// // A service reads the file of `deodar compile`; this bundle has no policy.
/// let bytes = Bundle::new(Program::new(ProgramParts::default())?, Vec::new()).write();
///
/// let live = LiveEngine::new(Engine::new(Bundle::read(&bytes)?.into_program(), Entities::new()));
/// let request = Request::new(
///     r#"User::"alice""#.parse()?,
///     r#"Action::"view""#.parse()?,
///     r#"File::"a""#.parse()?,
///     Context::empty(),
/// );
/// let engine = live.current(); // one program and one state of the entities, for the whole request
/// assert_eq!(engine.authorize(&request).decision(), Decision::Deny);
///
/// live.load(&bytes)?; // requests that run go on with what they have
/// assert!(live.load(b"not a bundle").is_err()); // and the current engine stays
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LiveEngine {
    current: ArcSwap<Engine>,
    /// Held while the next engine is prepared; no reader waits for it.
    change: Mutex<()>,
}

/// Why the current engine was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SwapError {
    /// The bundle cannot be read.
    Bundle(BundleError),
    /// The entities do not conform to the schema of the bundle.
    Entities(InputError),
    /// A link that was added to the running engine has no place in the bundle's program.
    Link {
        /// The id of the link.
        link: SmolStr,
        /// Why it cannot be made again.
        error: LinkError,
    },
}

impl fmt::Display for SwapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bundle(error) => error.fmt(f),
            Self::Entities(error) => write!(f, "the entities do not conform to the schema of the bundle: {error}"),
            Self::Link { link, error } => write!(f, "the link `{link}` cannot be made with the bundle: {error}"),
        }
    }
}

impl core::error::Error for SwapError {}

impl From<BundleError> for SwapError {
    fn from(error: BundleError) -> Self {
        Self::Bundle(error)
    }
}

impl LiveEngine {
    /// Serves this engine.
    pub fn new(engine: Engine) -> Self {
        Self { current: ArcSwap::from_pointee(engine), change: Mutex::new(()) }
    }

    /// The current engine, to be kept for one request.
    pub fn current(&self) -> Arc<Engine> {
        self.current.load_full()
    }

    /// Calls `work` with the current engine; cheaper than [`current`](Self::current) for one short piece of work.
    pub fn with<T>(&self, work: impl FnOnce(&Engine) -> T) -> T {
        work(&self.current.load())
    }

    /// Serves another engine from now on.
    pub fn replace(&self, engine: Engine) {
        self.exchange(|_| Ok::<_, core::convert::Infallible>(engine)).unwrap_or_default();
    }

    /// Changes a copy of the current engine, its entities or links, and serves that if the change succeeds.
    ///
    /// # Errors
    /// What `change` gives; the current engine stays then.
    pub fn update<E>(&self, change: impl FnOnce(&mut Engine) -> Result<(), E>) -> Result<(), E> {
        self.exchange(|current| {
            let mut next = current.clone();
            change(&mut next).map(|()| next)
        })
    }

    /// Serves the program of a bundle with the current entities. With a schema in the bundle, the entities must conform
    /// to it, and actions become those of the schema. Links that were added to the engine are made again.
    ///
    /// # Errors
    /// See [`SwapError`]; the current engine stays then.
    pub fn load(&self, bundle: &[u8]) -> Result<(), SwapError> {
        let bundle = Bundle::read(bundle)?;
        self.exchange(|current| next(bundle, current, current.entities()))
    }

    /// Serves the program of a bundle with other entities, at once.
    ///
    /// # Errors
    /// See [`SwapError`]; the current engine stays then.
    pub fn load_with(&self, bundle: &[u8], entities: &Entities) -> Result<(), SwapError> {
        let bundle = Bundle::read(bundle)?;
        self.exchange(|current| next(bundle, current, entities))
    }

    fn exchange<E>(&self, make: impl FnOnce(&Engine) -> Result<Engine, E>) -> Result<(), E> {
        // A change that panicked left the current engine as it was.
        let _guard = self.change.lock().unwrap_or_else(PoisonError::into_inner);
        let next = make(&self.current.load())?;
        self.current.store(Arc::new(next));
        Ok(())
    }
}

fn next(bundle: Bundle, current: &Engine, entities: &Entities) -> Result<Engine, SwapError> {
    let entities = match bundle.shapes() {
        Some(shapes) => entities.under_schema(shapes).map_err(SwapError::Entities)?,
        None => entities.clone(),
    };
    let mut engine = Engine::new(bundle.into_program(), entities);
    for Link { id, template, values } in links(current) {
        let linked = engine.link(&template, &id, &values);
        linked.map_err(|error| SwapError::Link { link: id, error })?;
    }
    Ok(engine)
}

/// A link of an engine, as it was made.
struct Link {
    id: SmolStr,
    template: SmolStr,
    values: Vec<(Slot, EntityUid)>,
}

/// The links that were added to an engine, in order.
fn links(engine: &Engine) -> impl Iterator<Item = Link> {
    let pool = engine.entities().pool();
    let statics = engine.program().policies().len();
    let links = engine.policies().filter(move |view| view.number as usize >= statics);
    links.map(move |view| {
        let sides = [(&view.policy.scope.principal, view.principal), (&view.policy.scope.resource, view.resource)];
        let values = sides.into_iter().filter_map(|(constraint, linked)| {
            let (slot, entity) = (slot(constraint)?, entity(linked)?);
            Some((slot, pool.entity_uid(entity)))
        });
        Link { id: view.id.into(), template: view.policy.id.clone(), values: values.collect() }
    })
}

fn slot(constraint: &EntityConstraint) -> Option<Slot> {
    match constraint.entity()? {
        EntityOrSlot::Slot(slot) => Some(*slot),
        EntityOrSlot::Entity(_) => None,
    }
}

fn entity(constraint: LinkedConstraint) -> Option<crate::pool::EntityId> {
    match constraint {
        LinkedConstraint::Equal(entity) | LinkedConstraint::In(entity) | LinkedConstraint::IsIn(_, entity) => {
            Some(entity)
        }
        LinkedConstraint::Any | LinkedConstraint::Is(_) | LinkedConstraint::Nothing => None,
    }
}

#[cfg(test)]
mod tests;
