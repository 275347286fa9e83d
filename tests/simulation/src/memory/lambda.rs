//! What Lambda does before it runs a function that a queue starts: it counts the turns of a chain of invocations, and stops one
//! that goes round and round, unless the function says that it may.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::LazyLock;

use super::rules::value;

/// So many turns a function has in one chain; AWS says "approximately 16".
const MOST_TURNS: u32 = 16;

/// The functions that send to queues which start them again, at once or by others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `order-transform`.
    OrderTransform,
    /// `sage-writer`.
    SageWriter,
    /// `crm-writer` of a target.
    CrmWriter,
}

/// Whether each function may go round and round, as `infra/template.yaml` says; where it says nothing, it may not.
static MAY_LOOP: LazyLock<[bool; 3]> = LazyLock::new(|| {
    let may = |name| value(name, "RecursiveLoop") == Some("Allow");
    [
        may("OrderTransform"),
        may("SageWriter"),
        may("CrmWriter${Target}"),
    ]
});

/// How often each function was invoked on the way to a message. AWS carries it in the trace header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chain([u32; 3]);

/// Lambda, as far as chains go. Clones are the same.
#[derive(Debug, Clone)]
pub struct Lambda {
    at_work: Rc<Cell<Chain>>,
    stopped: Rc<Cell<u64>>,
    may_loop: [bool; 3],
}

impl Default for Lambda {
    fn default() -> Self {
        Self {
            at_work: Rc::default(),
            stopped: Rc::default(),
            may_loop: *MAY_LOOP,
        }
    }
}

impl Lambda {
    /// Where every function is or is not allowed to go round and round, whatever the template says.
    #[must_use]
    pub fn that_allows(may_loop: bool) -> Self {
        Self {
            may_loop: [may_loop; 3],
            ..Self::default()
        }
    }

    /// Whether a function is run with a batch. A batch goes on with the chain of its first message. None: Lambda answers
    /// `RecursiveInvocationException`, the function is not run, and the messages come back when their visibility is over.
    #[must_use]
    pub fn invoke(&self, function: Function, first: Chain) -> Option<Chain> {
        let at = function as usize;
        let mut chain = first;
        let turns = chain.0.get_mut(at)?;
        *turns += 1;
        if *turns > MOST_TURNS && !*self.may_loop.get(at)? {
            self.stopped.set(self.stopped.get() + 1);
            return None;
        }
        Some(chain)
    }

    /// Does a part of an invocation's work: what is sent meanwhile carries its chain.
    pub fn within<T>(&self, chain: Chain, work: impl FnOnce() -> T) -> T {
        let before = self.at_work.replace(chain);
        let done = work();
        self.at_work.set(before);
        done
    }

    /// The chain of whoever is at work; of a new one where nobody is.
    pub(super) fn chain(&self) -> Chain {
        self.at_work.get()
    }

    /// How often an invocation was stopped.
    #[must_use]
    pub fn stopped(&self) -> u64 {
        self.stopped.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(lambda: &Lambda) -> usize {
        let mut chain = Chain::default();
        for turn in 0..100 {
            match lambda.invoke(Function::CrmWriter, chain) {
                Some(next) => chain = next,
                None => return turn,
            }
        }
        100
    }

    #[test]
    fn a_chain_ends_after_sixteen_turns_unless_it_may_go_on() {
        let stops = Lambda::that_allows(false);
        assert_eq!((turns(&stops), stops.stopped()), (16, 1));
        assert_eq!(turns(&Lambda::that_allows(true)), 100);
    }

    #[test]
    fn the_turns_of_one_function_are_not_those_of_another() {
        let lambda = Lambda::that_allows(false);
        let mut chain = Chain::default();
        for _ in 0..16 {
            chain = lambda.invoke(Function::SageWriter, chain).unwrap();
            chain = lambda.invoke(Function::OrderTransform, chain).unwrap();
        }
        assert!(lambda.invoke(Function::SageWriter, chain).is_none());
    }

    #[test]
    fn what_is_sent_within_an_invocation_carries_its_chain() {
        let lambda = Lambda::that_allows(false);
        let chain = lambda
            .invoke(Function::CrmWriter, Chain::default())
            .unwrap();
        assert_eq!(lambda.within(chain, || lambda.chain()), chain);
        assert_eq!(lambda.chain(), Chain::default());
    }
}
