//! The sections of a document as GraphQL input: `CareerSections` has a field for each section, so that an editor can save one of
//! them without the others.
use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    InputType, InputValueError, InputValueResult, Name, OutputType, Value,
    indexmap::IndexMap,
    registry::{InputObjectBuilder, MetaInputValue, MetaType, Registry},
};
use document::{Document, Tree};
use store::ContentModel;

use crate::{
    Kind, Result, Section,
    open::{input_fields, open_input},
};

/// Sections of a document of kind `K`.
pub(crate) struct SectionsInput<K> {
    sections: IndexMap<Name, Value>,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> InputType for SectionsInput<K> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        format!("{}Sections", <K as OutputType>::type_name()).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let about = format!(
            "Changes to the sections of a `{}Document`. Sections and fields that are left out stay as they are; what is null is \
             removed. A list is given as a whole: `[]` empties it.",
            <K as OutputType>::type_name()
        );
        open_input::<Self>(registry, &about, false, |_| Vec::new())
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(Value::Object(sections)) => Ok(Self { sections, kind: PhantomData }),
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        Value::Object(self.sections.clone())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<K: Kind> SectionsInput<K> {
    /// The document with these changes.
    pub(crate) fn tree(self, content: &ContentModel, document: &Document) -> Result<Tree> {
        let mut fields = document.fields()?;
        for (section, value) in self.sections {
            let Some(kind) = content.kind(K::NAME) else { continue };
            let serde_json::Value::Object(changes) = value.into_json()? else {
                fields.retain(|name, _| kind.fields.get(name).is_none_or(|field| field.section != section.as_str()));
                continue;
            };
            for (name, value) in changes {
                if value.is_null() {
                    fields.remove(&name);
                } else {
                    fields.insert(name, value);
                }
            }
        }
        fields.insert("kind".to_owned(), K::NAME.into());
        fields.insert("slug".to_owned(), document.slug.as_str().into());
        Ok(Tree::from(serde_json::Value::Object(fields)))
    }
}

/// Registering it as an input type adds the section `S` to [`SectionsInput`].
pub(crate) struct SectionInput<K, S>(PhantomData<fn() -> (K, S)>);

impl<K: Kind, S: Section> InputType for SectionInput<K, S> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        SectionsInput::<K>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        SectionsInput::<K>::create_type_info(registry);
        let mut field = MetaInputValue::new(S::NAME, patch::<S>(registry));
        field.description = Some(format!("Changes to the section `{}`; null removes all of it.", S::NAME));
        if let Some(MetaType::InputObject { input_fields, .. }) = registry.types.get_mut(&*Self::type_name()) {
            input_fields.insert(field.name.clone(), field);
        }
        SectionsInput::<K>::qualified_type_name()
    }

    fn parse(_: Option<Value>) -> InputValueResult<Self> {
        Err(InputValueError::custom("a registration, not a value"))
    }

    fn to_value(&self) -> Value {
        Value::Null
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// The input type of changes to a section: its fields, none of which has to be given. Its name.
fn patch<S: Section>(registry: &mut Registry) -> String {
    let section = <S as InputType>::type_name();
    let name = format!("{}Patch", section.strip_suffix("Input").unwrap_or(&section));
    let fields = input_fields::<S>(registry).into_iter().map(|(name, mut field)| {
        field.ty = field.ty.trim_end_matches('!').to_owned();
        field.default_value = None;
        (name, field)
    });
    let about = format!(
        "Changes to the section `{}`. A field that is left out stays as it is; one that is null is removed. A list is given as a \
         whole: `[]` empties it.",
        S::NAME
    );
    let patch = InputObjectBuilder::new(name.clone(), fields.collect()).description(Some(about)).build();
    registry.types.insert(name.clone(), patch);
    name
}
