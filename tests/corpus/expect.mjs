// Makes expected.json: what graphql-js answers to each document, over the data of a running server. See README.md.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { GraphQLScalarType, buildSchema, execute, parse, specifiedScalarTypes, validate } from "graphql";

const here = new URL(".", import.meta.url);
const [endpoint] = process.argv.slice(2);
const schema = buildSchema(readFileSync(new URL("../../schema/schema.graphql", here), "utf8"));

// The data: asked of the server once, without arguments that would choose among it.
const DATA = `{
  careers(first: 100) { nodes { __typename id outlook { growth { percent } } slug title tags roles { __typename id key title level career { __typename slug } } } }
  certifications(first: 100) { nodes {
    __typename id slug title level abbreviation requirements issuer { __typename name } summary { __typename plain markdown } } }
}`;
const asked = await fetch(endpoint, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ query: DATA }),
});
const { data, errors } = await asked.json();
if (errors) throw new Error(JSON.stringify(errors));
const [careers, certifications] = [data.careers.nodes, data.certifications.nodes];

// The scalars of this schema take text; a slug has a rule of its own.
const own = Object.values(schema.getTypeMap()).filter(
  (type) => type instanceof GraphQLScalarType && !specifiedScalarTypes.some((known) => known.name === type.name),
);
for (const scalar of own) {
  const checked = (value) => {
    const isRight = typeof value === "string" && (scalar.name !== "Slug" || /^[a-z0-9]+(-[a-z0-9]+)*$/.test(value));
    if (!isRight) throw new Error(`${scalar.name} does not take this value`);
    return value;
  };
  scalar.parseValue = checked;
  scalar.parseLiteral = (node) => checked(node.kind === "StringValue" ? node.value : undefined);
}

// Filters, orders and pages, as far as the documents use them.
const folded = (value) => (typeof value === "string" ? value.toLowerCase() : value);
const operators = {
  eq: (value, given) => folded(value) === folded(given),
  in: (value, given) => given.map(folded).includes(folded(value)),
  startsWith: (value, given) => (value ?? "").toLowerCase().startsWith(folded(given)),
  isNull: (value, given) => (value == null) === given,
  gt: (value, given) => value > given,
  lt: (value, given) => value < given,
};
const isGiven = ([, value]) => value != null;
const meets = (node, filter) =>
  Object.entries(filter ?? {}).filter(isGiven).every(([name, given]) => {
    if (name === "and") return given.every((each) => meets(node, each));
    if (name === "or") return given.some((each) => meets(node, each));
    if (name === "not") return !meets(node, given);
    const value = { issuer: node.issuer?.name, growth: node.outlook?.growth.percent }[name] ?? node[name];
    return Object.entries(given).filter(isGiven).every(([operator, operand]) => operators[operator](value, operand));
  });
const connection = (all) => ({ filter, orderBy, first, last }) => {
  let nodes = all.filter((node) => meets(node, filter));
  const [field, direction] = Object.entries(orderBy?.[0] ?? {})[0] ?? [];
  if (field) nodes.sort((one, other) => (folded(one[field]) < folded(other[field]) ? -1 : 1) * (direction === "DESC" ? -1 : 1));
  const [totalCount, size] = [nodes.length, first ?? last ?? 20];
  nodes = last == null ? nodes.slice(0, size) : nodes.slice(-size);
  const more = nodes.length < totalCount;
  const pageInfo = { hasNextPage: more && last == null, hasPreviousPage: more && last != null };
  return { nodes, edges: nodes.map((node) => ({ node })), totalCount, pageInfo };
};
const refused = () => {
  throw new Error("not allowed");
};
const roots = {
  careers: connection(careers),
  certifications: connection(certifications),
  career: ({ slug }) => careers.find((career) => career.slug === slug),
  certification: ({ code }) => certifications.find(({ slug }) => slug === code.toLowerCase()),
  checkCertification: () => [],
  node: refused,
  nodes: ({ ids }) => ids.map(() => new Error("no id")),
  entry: refused,
};
for (const career of careers) {
  const all = career.roles;
  career.roles = ({ levels }) => all.filter(({ level }) => levels == null || levels.includes(level));
}
const resolver = (source, args, context, { fieldName }) => {
  if (source == null) return roots[fieldName] ? roots[fieldName](args) : refused();
  const value = source[fieldName];
  if (value === undefined) return refused();
  return typeof value === "function" ? value(args) : value;
};

const UNUSUAL = { BOM: "\uFEFF", CR: "\r", LF: "\n", TAB: "\t", BEL: "\u0007", NBSP: "\u00A0", LS: "\u2028" };

function* documents() {
  for (const file of readdirSync(here).filter((name) => name.endsWith(".txt")).sort()) {
    for (const part of readFileSync(new URL(file, here), "utf8").split(/^=== /m).slice(1)) {
      const [name, ...lines] = part.replace(/\n$/, "").split("\n");
      const marked = (mark) => (lines[0]?.startsWith(mark) ? lines.shift().slice(mark.length) : undefined);
      const [variables, operationName] = [marked("%% "), marked("@@ ")];
      const query = lines.join("\n").replace(/⟦(\w+)⟧/g, (_, unusual) => UNUSUAL[unusual]);
      yield { name: `${file}: ${name}`, query, operationName, variables: JSON.parse(variables ?? "{}") };
    }
  }
}

async function answer({ query, variables, operationName }) {
  let document;
  try {
    document = parse(query);
  } catch (error) {
    return { errors: [error] };
  }
  const errors = validate(schema, document);
  if (errors.length > 0) return { errors };
  const asked = { schema, document, variableValues: variables, operationName, fieldResolver: resolver };
  return execute({ ...asked, typeResolver: ({ __typename }) => __typename });
}

const expected = {};
for (const document of documents()) {
  const { data, errors } = await answer(document);
  const where = errors?.map(({ path, locations }) => ({ ...(path && { path }), ...(locations && { locations }) }));
  if (document.name in expected) throw new Error(`${document.name} is there twice`);
  expected[document.name] = { ...(data !== undefined && { data }), ...(where && { errors: where }) };
}
const lines = Object.entries(expected).map(([name, answer]) => `${JSON.stringify(name)}: ${JSON.stringify(answer)}`);
writeFileSync(new URL("expected.json", here), `{\n${lines.join(",\n")}\n}\n`);
