//! The service: its users, its binding.

use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

use super::binding::Binding;
use crate::{
    control::lock,
    sage::{Sage, World},
};

/// A user of Sage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// The name; its case does not count.
    pub name: &'static str,
    /// The password.
    pub password: &'static str,
    /// `Enable Web Services` of the user.
    pub web: bool,
    /// May create, modify and remove; everybody may view.
    pub writes: bool,
}

/// The users: the service's own, one who may only view, one who is not enabled.
pub const USERS: [User; 3] = [
    User {
        name: "cpweb",
        password: "sim-Web&Services-4711",
        web: true,
        writes: true,
    },
    User {
        name: "viewer",
        password: "sim-view-only-4711",
        web: true,
        writes: false,
    },
    User {
        name: "office",
        password: "sim-office-4711",
        web: false,
        writes: true,
    },
];

/// The service.
pub struct System {
    sage: Arc<Sage>,
    url: String,
    started: Binding,
    binding: Mutex<Binding>,
}

impl System {
    /// The service of a Sage 100. `url`: scheme, host and port.
    pub fn new(sage: Arc<Sage>, url: String, binding: Binding) -> Self {
        Self {
            sage,
            url,
            started: binding.clone(),
            binding: Mutex::new(binding),
        }
    }

    /// What Sage holds.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.sage.world()
    }

    /// How the service speaks now.
    pub fn binding(&self) -> Binding {
        lock(&self.binding).clone()
    }

    /// Changes how the service speaks.
    pub fn bind(&self, binding: Binding) {
        *lock(&self.binding) = binding;
    }

    /// The binding of the start again.
    pub fn rebind(&self) {
        self.bind(self.started.clone());
    }

    /// The address of the service.
    pub fn address(&self) -> String {
        format!("{}{}", self.url, self.binding().path)
    }

    /// What the command prints of it.
    pub fn announcement(&self) -> Value {
        let url = self.address();
        let world = self.world();
        let companies: Vec<&String> = world.companies.keys().collect();
        let user = |at: usize| {
            USERS
                .get(at)
                .map(|user| json!({"username": user.name, "password": user.password}))
        };
        let mut announcement = json!({
            "url": url,
            "door": self.url,
            "wsdl": format!("{url}?wsdl"),
            "companies": companies,
            "viewer": user(1),
            "not_enabled": user(2),
        });
        if let Some(first) = USERS.first() {
            announcement["username"] = json!(first.name);
            announcement["password"] = json!(first.password);
        }
        announcement
    }
}
