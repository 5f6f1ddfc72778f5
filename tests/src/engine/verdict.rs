//! Deodar's verdicts.

use super::{acceptance, make_link, read_program, read_shapes};
use crate::verdict::{Answers, Question};

/// Checks the policies in every way that the question lists.
///
/// There is no type checker to ask yet: the verdicts are left out, what is read is compared.
pub fn check(question: &Question) -> Answers {
    let program = read_program(&question.policies);
    let schema = read_shapes(&question.schema);
    let mut answers = Answers {
        policies: acceptance(&program),
        schema: acceptance(&schema),
        links: Vec::new(),
        verdicts: Vec::new(),
    };
    let (Ok(mut program), Ok(_)) = (program, schema) else { return answers };
    answers.links = question.links.iter().map(|link| make_link(&mut program, link)).collect();
    answers
}
