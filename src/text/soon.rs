//! What takes a while to make, and is made once: at the latest when it is first asked for.

use std::fmt;
use std::ops::Deref;
use std::sync::LazyLock;

/// Whoever asks first makes it, others wait for it. Nothing is decided by when that is: the same is
/// made whenever.
pub struct Soon<T>(LazyLock<T, Box<dyn FnOnce() -> T + Send>>);

impl<T> Soon<T> {
    /// What `make` will make.
    pub fn new(make: impl FnOnce() -> T + Send + 'static) -> Self {
        Self(LazyLock::new(Box::new(make)))
    }

    /// Makes it now, unless it is made.
    pub fn now(&self) -> &T {
        LazyLock::force(&self.0)
    }
}

impl<T> Deref for Soon<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.now()
    }
}

impl<T: Default + 'static> Default for Soon<T> {
    fn default() -> Self {
        Self::new(T::default)
    }
}

impl<T: fmt::Debug> fmt::Debug for Soon<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
