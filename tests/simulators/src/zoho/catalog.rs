//! The modules of an organisation: the standard ones, and those that it has made itself.

use super::schema::{Module, STANDARD};

/// The modules, in the order in which the metadata tells them.
///
/// Definitions live as long as the process: there are few, and everything that knows a field may keep it. A module that gets
/// one more field is another definition under the same name.
#[derive(Debug, Clone)]
pub struct Catalog {
    modules: Vec<&'static Module>,
}

impl Default for Catalog {
    fn default() -> Self {
        Self {
            modules: STANDARD.to_vec(),
        }
    }
}

impl Catalog {
    /// All of them.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &'static Module> {
        self.modules.iter().copied()
    }

    /// The module of an API name.
    pub fn module(&self, name: &str) -> Option<&'static Module> {
        self.all().find(|module| module.name == name)
    }

    /// Enters a module, or the new definition of one that is there.
    pub fn define(&mut self, module: Module) -> &'static Module {
        let module: &'static Module = Box::leak(Box::new(module));
        match self
            .modules
            .iter_mut()
            .find(|known| known.name == module.name)
        {
            Some(known) => *known = module,
            None => self.modules.push(module),
        }
        module
    }
}
