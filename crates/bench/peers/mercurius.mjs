// Mercurius over the tables in SQLite, by loaders, with its just-in-time compiler: `node mercurius.mjs peers.sqlite port`.
// Its schema is the part of CareerQL's that the benchmark asks, so that both answer the same queries with the same bytes.
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import Fastify from "fastify";
import mercurius from "mercurius";
import { tables } from "./tables.mjs";

const [path, port] = process.argv.slice(2);
const database = new DatabaseSync(path, { readOnly: true });

/** A row with its arrays. */
function parsed(table, row) {
  for (const column of arrays[table]) row[column] = JSON.parse(row[column]);
  return row;
}

const arrays = Object.fromEntries(
  Object.entries(tables).map(([name, columns]) => [name, Object.keys(columns).filter((column) => columns[column] === "text[]")]),
);

const text = (markdown) => ({ markdown });
const range = (low, high, currency) => (low === null ? null : { low, high, currency });

/** A list of what belongs to the objects of a batch: one statement for all of them. */
function many(table, shape, of = "career_id") {
  const statement = database.prepare(
    `select * from "${table}" where "${of}" in (select value from json_each(?)) order by id`,
  );
  return { opts: { cache: false }, loader: async (queries) => {
    const lists = new Map(queries.map(({ obj }) => [obj.key_id, []]));
    for (const row of statement.iterate(JSON.stringify([...lists.keys()]))) lists.get(row[of]).push(shape(parsed(table, row)));
    return queries.map(({ obj }) => lists.get(obj.key_id));
  } };
}

/** What the objects of a batch refer to. */
function one(table, key, shape) {
  const statement = database.prepare(`select * from "${table}" where id in (select value from json_each(?))`);
  return { opts: { cache: false }, loader: async (queries) => {
    const ids = new Set(queries.map(({ obj }) => obj[key]).filter((id) => id !== null));
    const rows = statement.all(JSON.stringify([...ids]));
    const found = new Map(rows.map((row) => [row.id, shape(parsed(table, row))]));
    return queries.map(({ obj }) => found.get(obj[key]) ?? null);
  } };
}

const part = (row) => ({ title: row.title, description: text(row.description) });
const source = one("source", "source_id", (row) => row);
const role = (key) => one("role", key, (row) => row);

const career = (row) => ({
  key_id: row.id, id: row.id, slug: row.slug, title: row.title, alternateTitles: row.alternate_titles,
  summary: text(row.summary), tags: row.tags,
  article: {
    key_id: row.id, headline: row.article_headline, description: text(row.article_description),
    publishedOn: row.article_published_on, categorySlug: row.article_category,
    author: { name: row.article_author_name, kind: row.article_author_kind },
    keyTakeaways: row.article_key_takeaways.map(text), explanation: text(row.article_explanation),
    conclusion: text(row.article_conclusion),
  },
  pay: {
    key_id: row.id, summary: text(row.pay_summary),
    median: row.median_amount === null ? null : {
      amount: row.median_amount, currency: row.median_currency, period: row.median_period, asOf: row.median_as_of,
      source_id: row.median_source_id,
    },
  },
  outlook: {
    key_id: row.id, summary: text(row.outlook_summary), throughYear: row.through_year, pace: row.pace,
    growth: { percent: row.growth_percent, asOf: row.growth_as_of, source_id: row.growth_source_id },
    openings: { count: row.openings_count, period: row.openings_period },
  },
  advancementSummary: text(row.advancement_summary),
  training: {
    key_id: row.id, summary: text(row.training_summary),
    recommendedPath: { key_id: row.id, audience: row.path_audience, leadsTo: text(row.path_leads_to) },
  },
  aiImpact: {
    key_id: row.id, verdict: row.ai_verdict, summary: text(row.ai_summary), bottomLine: text(row.ai_bottom_line),
  },
});

const bySlug = database.prepare("select * from career where slug = ?");
const page = database.prepare("select * from career where slug > ? order by slug limit ?");

const app = Fastify();
app.register(mercurius, {
  schema: readFileSync(new URL("mercurius.graphql", import.meta.url), "utf8"),
  jit: 1,
  resolvers: {
    Query: {
      career: (_, { slug }) => {
        const row = bySlug.get(slug);
        return row ? career(parsed("career", row)) : null;
      },
      careers: (_, { first, after }) => {
        const rows = page.all(after ?? "", first + 1);
        const nodes = rows.slice(0, first).map((row) => career(parsed("career", row)));
        return { nodes, pageInfo: { hasNextPage: rows.length > first, endCursor: nodes.at(-1)?.slug } };
      },
    },
  },
  loaders: {
    Career: {
      codes: many("code", (row) => row),
      relatedGuides: many("related_guide", (row) => ({ title: row.title, careerSlug: row.career_slug })),
      roles: many("role", (row) => ({ ...row, key_id: row.id, summary: text(row.summary) })),
      workSettings: many("work_setting", part),
      salaryBands: many("salary_band", (row) => ({
        role_id: row.role_id, stage: row.stage, range: range(row.low, row.high, row.currency),
      })),
      advancement: many("advancement", (row) => ({
        ...row, toCareerSlug: row.to_career_slug, description: text(row.description),
      })),
      certifications: many("recommendation", (row) => ({ ...row, why: text(row.why), when: text(row.when) })),
      faq: many("question", (row) => ({ ...row, answer: text(row.answer) })),
    },
    Article: {
      domains: many("domain", part),
      milestones: many("milestone", (row) => ({ year: row.year, ...part(row) })),
    },
    Role: { duties: many("duty", part, "role_id") },
    Pay: {
      percentiles: many("percentile", (row) => ({ percentile: row.percentile, pay: row })),
      adjustments: many("adjustment", (row) => ({ ...row, change: range(row.low, row.high), reason: text(row.reason) })),
    },
    CitedMoney: { source },
    Growth: { source },
    Outlook: { drivers: many("driver", part) },
    SalaryBand: { role: role("role_id") },
    Advancement: { from: role("from_role_id"), to: role("to_role_id") },
    Training: {
      pathways: many("pathway", (row) => ({
        ...row, duration: range(row.duration_low, row.duration_high),
        cost: range(row.cost_low, row.cost_high, row.cost_currency), suits: text(row.suits),
      })),
    },
    Path: { steps: many("step", part) },
    Recommendation: {
      certification: one("certification", "certification_id", (row) => ({ ...row, issuer: { name: row.issuer_name } })),
    },
    AiImpact: {
      tasks: many("task", (row) => ({
        ...row, handledBy: row.handled_by, description: text(row.description),
        effect: row.measure === null ? null : { measure: row.measure, change: range(row.change_low, row.change_high) },
      })),
    },
  },
});
await app.listen({ host: "127.0.0.1", port: Number(port) });
