//! Rule `hierarchy-loop`: entries that lead up to wider ones of their kind do not lead back to themselves.
use std::{collections::HashSet, sync::Arc};

use document::{CheckedDocument, Finding};
use futures_util::future::BoxFuture;
use store::WaysUp;

use crate::{
    CacheLifetime, Result,
    request::{BatchKey, BatchValues, Loaders, Request},
};

/// The ways up between all visible entries of this kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct WaysOf(&'static str);

impl BatchKey for WaysOf {
    type Answer = Arc<WaysUp>;

    fn lifetime(&self) -> CacheLifetime {
        CacheLifetime::Request
    }

    fn weight(&self, ways: Option<&Arc<WaysUp>>) -> usize {
        ways.map_or(0, |ways| ways.bytes())
    }

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            let mut answers = BatchValues::default();
            for key in keys {
                let Some(spec) = request.content().hierarchies.get(key.0) else { continue };
                let ways = WaysUp::read(request.db(), key.0, spec, request.perspective().of_lists()).await?;
                answers.insert(key, Arc::new(ways));
            }
            Ok(answers)
        })
    }
}

/// Loops through an entry as the perspective of a request shows it or, where one is given, as its document says.
pub(crate) async fn hierarchy_loops(
    loaders: &Loaders,
    (kind, slug): (&'static str, &str),
    document: Option<&CheckedDocument>,
) -> Result<Vec<Finding>> {
    let content = loaders.content();
    let Some(spec) = content.hierarchies.get(kind) else { return Ok(Vec::new()) };
    let Some(mut ways) = loaders.load(WaysOf(kind)).await? else { return Ok(Vec::new()) };
    if let Some(document) = document {
        let mut changed = WaysUp::clone(&ways);
        changed.note(spec, document);
        ways = Arc::new(changed);
    }
    Ok(ways.loops(spec, &HashSet::from([slug])).into_iter().map(|(_, finding)| finding).collect())
}
