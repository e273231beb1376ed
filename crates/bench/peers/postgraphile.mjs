// PostGraphile over the tables in Postgres: `node postgraphile.mjs postgres://... port`.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const [url, port] = process.argv.slice(2);
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  disablePlugins: ["MutationPlugin"],
  schema: { defaultBehavior: "+list -connection:backwards +query:resource:connection" },
  pgServices: [makePgService({ connectionString: url, schemas: ["public"], poolConfig: { max: 10 } })],
  grafserv: { graphqlPath: "/graphql", graphiql: false, websockets: false },
  grafast: { explain: false },
});
if (port === "schema") {
  const { printSchema } = await import("graphql");
  const { schema } = await instance.getSchemaResult();
  console.log(printSchema(schema));
  process.exit(0);
}
const server = createServer();
const serv = instance.createServ(grafserv);
await serv.addTo(server);
server.listen(Number(port), "127.0.0.1");
