//! The sections of a document as GraphQL input: `CareerSections` has a field for each section, so that an editor can save one of
//! them without the others.
use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    InputType, InputValueError, InputValueResult, Name, OutputType, Value,
    indexmap::IndexMap,
    registry::{MetaInputValue, MetaType, Registry},
};

use super::{Document, Tree};
use crate::{Content, Kind, Result, Section, open::open_input};

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
            "Sections of a `{}Document`. A section that is given takes the place of the one that is there, with all of its \
             fields; the others stay as they are.",
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
    /// The document with these sections in the place of its own.
    pub(crate) fn tree(self, content: &Content, document: &Document) -> Result<Tree> {
        let mut fields = document.fields()?;
        for (section, value) in self.sections {
            let Ok(serde_json::Value::Object(new)) = value.into_json() else { continue };
            let Some(kind) = content.kind(K::NAME) else { continue };
            fields.retain(|name, _| kind.fields.get(name).is_none_or(|field| field.section != section.as_str()));
            fields.extend(new);
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
        let mut field = MetaInputValue::new(S::NAME, <Option<S> as InputType>::create_type_info(registry));
        field.description = Some(format!("The section `{}`, with all of its fields.", S::NAME));
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
