import './workers.js';
// Before the GraphiQL style sheets: they override parts of Monaco's.
import 'monaco-graphql/esm/monaco-editor.js';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './page.css';

import { createRoot } from 'react-dom/client';
import { GraphiQL } from 'graphiql';
import { createGraphiQLFetcher } from '@graphiql/toolkit';

// Whoever opened a preview link previews in all that they ask.
const preview = new URLSearchParams(window.location.search).get('preview');
// The endpoint is where the page is, also behind a proxy that serves it below a path of its own.
const { pathname } = window.location;
const endpoint = preview ? `${pathname}?${new URLSearchParams({ preview })}` : pathname;
const subscriptionUrl = new URL(endpoint, window.location.href);
subscriptionUrl.protocol = subscriptionUrl.protocol.replace('http', 'ws');

const fetcher = createGraphiQLFetcher({
  url: endpoint,
  subscriptionUrl: subscriptionUrl.href,
  headers: { Accept: 'application/json' },
  enableIncrementalDelivery: false,
});

const defaultQuery = `# Welcome to CareerQL. Press the play button, or Ctrl-Enter.
{
  career(slug: "health-information-technology") {
    title
    roles { title duties { title } }
    certifications { certification { title issuer { name } } }
  }
}
`;

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL fetcher={fetcher} defaultQuery={defaultQuery} />,
);
