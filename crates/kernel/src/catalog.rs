//! Registrations of the modules: fixed once the app is built, shared by all requests. Each room of the kernel keeps what it needs of
//! it here, under a type of its own.
use std::{
    any::{Any, TypeId},
    collections::HashMap,
    ops::Deref,
    sync::Arc,
};

use store::ContentModel;

/// Everything the modules registered: about content, which the store knows too, and about the graph.
#[derive(Default)]
pub struct Catalog {
    content: Arc<ContentModel>,
    rooms: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
}

impl Catalog {
    /// Registrations of the modules about documents.
    pub fn content(&self) -> &Arc<ContentModel> {
        &self.content
    }

    pub(crate) fn set_content(&mut self, content: ContentModel) {
        self.content = Arc::new(content);
    }

    /// Registration of this type.
    ///
    /// # Panics
    /// Panics where nothing was, not even that there is none: a mistake of the crate that owns the type.
    pub fn of<T: 'static>(&self) -> &T {
        let kept = self.rooms.get(&TypeId::of::<T>()).and_then(|kept| kept.downcast_ref());
        kept.unwrap_or_else(|| panic!("no `{}` in the catalog", std::any::type_name::<T>()))
    }

    /// The same, to register more; it begins empty.
    pub(crate) fn of_mut<T: Default + Send + Sync + 'static>(&mut self) -> &mut T {
        let kept = self.rooms.entry(TypeId::of::<T>()).or_insert_with(|| Box::<T>::default());
        kept.downcast_mut().unwrap_or_else(|| unreachable!("what is registered is kept by its type"))
    }
}

impl Deref for Catalog {
    type Target = Arc<ContentModel>;

    fn deref(&self) -> &Arc<ContentModel> {
        &self.content
    }
}
