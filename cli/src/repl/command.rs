//! The commands of a line, in one table.

/// The commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    Set,
    Unset,
    Show,
    Authorize,
    Why,
    Type,
    Policies,
    Load,
    Help,
    Quit,
}

/// Name, command, what stands behind it, what it does.
pub(super) const NAMES: &[(&str, Command, &str, &str)] = &[
    ("set", Command::Set, "PART VALUE", "sets principal, action, resource (entities) or context (JSON) of the request"),
    ("unset", Command::Unset, "PART", "takes it back"),
    ("show", Command::Show, "", "shows the request"),
    ("authorize", Command::Authorize, "[P A R]", "decides the request, or that of three entities"),
    ("why", Command::Why, "[--all] [P A R]", "says why, policy by policy"),
    ("type", Command::Type, "EXPRESSION", "says the type of an expression under the schema"),
    ("policies", Command::Policies, "", "lists the ids of the policies"),
    (
        "load",
        Command::Load,
        "[PATH]",
        "reads everything anew, or policies, a .cedarschema, entities (.json) from a path",
    ),
    ("help", Command::Help, "", "lists the commands"),
    ("quit", Command::Quit, "", "ends"),
];

impl Command {
    /// The command of that name, or of which it is the only beginning.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        if let Some((_, command, ..)) = NAMES.iter().find(|(known, ..)| *known == name) {
            return Some(*command);
        }
        let mut matching = NAMES.iter().filter(|(known, ..)| !name.is_empty() && known.starts_with(name));
        let (_, command, ..) = matching.next()?;
        matching.next().is_none().then_some(*command)
    }
}

pub(super) fn help() -> String {
    let head = "an expression is evaluated; a command begins with a colon and may be shortened:\n";
    let line = |(name, _, rest, what): &(&str, Command, &str, &str)| {
        let call = format!(":{name} {rest}");
        format!("  {call:<22} {what}\n")
    };
    head.to_owned() + &NAMES.iter().map(line).collect::<String>()
}

/// The words of a line; spaces between double quotes part none.
pub(super) fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for c in line.chars() {
        let ends = c.is_whitespace() && !quoted;
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = c == '\\' && !escaped;
        if ends {
            words.push(String::new());
        } else if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
