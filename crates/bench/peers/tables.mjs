// The documents of the benchmark as tables, as one would design them for a relational API: what an entry has once are columns of
// its row, what it has many of are tables with a foreign key. Texts that are lists of texts are arrays.

const text = "text";
const texts = "text[]";
const int = "int";
const to = (table) => ({ table });
const of = { career_id: to("career") };

/** Tables in the order in which their rows can be inserted. Each also has a primary key `id`, which follows the order of its lists. */
export const tables = {
  source: { slug: text, title: text, publisher: text, url: text, published_on: text, licence: text, note: text },
  certification: { slug: text, title: text, abbreviation: text, issuer_name: text, issuer_url: text, level: text, summary: text },
  career: {
    slug: text, title: text, alternate_titles: texts, summary: text, tags: texts,
    article_headline: text, article_description: text, article_published_on: text, article_category: text,
    article_author_name: text, article_author_kind: text, article_key_takeaways: texts, article_explanation: text,
    article_conclusion: text,
    pay_summary: text, median_amount: int, median_currency: text, median_period: text, median_as_of: text,
    median_source_id: to("source"),
    outlook_summary: text, growth_percent: int, growth_as_of: text, growth_source_id: to("source"), through_year: int,
    pace: text, openings_count: int, openings_period: text,
    advancement_summary: text, training_summary: text, path_audience: text, path_leads_to: text,
    ai_verdict: text, ai_summary: text, ai_bottom_line: text,
  },
  code: { ...of, scheme: text, version: text, code: text, match: text, title: text },
  related_guide: { ...of, title: text, career_slug: text },
  domain: { ...of, title: text, description: text },
  milestone: { ...of, year: int, title: text, description: text },
  role: { ...of, key: text, title: text, level: text, summary: text },
  duty: { role_id: to("role"), title: text, description: text },
  work_setting: { ...of, title: text, description: text },
  percentile: { ...of, percentile: int, amount: int, currency: text },
  adjustment: { ...of, title: text, places: texts, low: int, high: int, reason: text },
  salary_band: { ...of, role_id: to("role"), stage: text, low: int, high: int, currency: text },
  driver: { ...of, title: text, description: text },
  advancement: {
    ...of, title: text, from_role_id: to("role"), to_role_id: to("role"), to_career_slug: text, description: text,
  },
  pathway: {
    ...of, key: text, title: text, credential: text, duration_low: text, duration_high: text, cost_low: int, cost_high: int,
    cost_currency: text, formats: texts, covers: texts, suits: text,
  },
  step: { ...of, title: text, description: text },
  recommendation: { ...of, certification_id: to("certification"), why: text, when: text },
  task: {
    ...of, key: text, title: text, handled_by: text, description: text, measure: text, change_low: int, change_high: int,
  },
  question: { ...of, key: text, question: text, answer: text },
};

/** The rows of the documents: for each table, a list of rows in the order of its columns, with the id first. */
export function rows(documents) {
  const all = Object.fromEntries(Object.keys(tables).map((name) => [name, []]));
  const ids = {};
  const add = (table, row) => {
    const id = all[table].length + 1;
    all[table].push([id, ...Object.keys(tables[table]).map((column) => row[column] ?? null)]);
    return id;
  };
  const source = (figure) => figure && ids[`source/${figure.source}`];

  const sorted = documents.toSorted((one, other) => (one.slug < other.slug ? -1 : 1));
  for (const kind of ["source", "certification"]) {
    for (const entry of sorted.filter((entry) => entry.kind === kind)) {
      ids[`${kind}/${entry.slug}`] = add(kind, {
        ...entry, published_on: entry.publishedOn, issuer_name: entry.issuer?.name, issuer_url: entry.issuer?.url,
      });
    }
  }
  for (const career of sorted.filter((entry) => entry.kind === "career")) {
    const { article, pay, outlook, training, aiImpact } = career;
    const career_id = add("career", {
      slug: career.slug, title: career.title, alternate_titles: career.alternateTitles, summary: career.summary,
      tags: career.tags,
      article_headline: article.headline, article_description: article.description,
      article_published_on: article.publishedOn, article_category: article.category,
      article_author_name: article.author.name, article_author_kind: article.author.kind,
      article_key_takeaways: article.keyTakeaways, article_explanation: article.explanation,
      article_conclusion: article.conclusion,
      pay_summary: pay.summary, median_amount: pay.median?.amount, median_currency: pay.median?.currency,
      median_period: pay.median?.period, median_as_of: pay.median?.asOf, median_source_id: source(pay.median),
      outlook_summary: outlook.summary, growth_percent: outlook.growth.percent, growth_as_of: outlook.growth.asOf,
      growth_source_id: source(outlook.growth), through_year: outlook.throughYear, pace: outlook.pace,
      openings_count: outlook.openings.count, openings_period: outlook.openings.period,
      advancement_summary: career.advancementSummary, training_summary: training.summary,
      path_audience: training.recommendedPath.audience, path_leads_to: training.recommendedPath.leadsTo,
      ai_verdict: aiImpact.verdict, ai_summary: aiImpact.summary, ai_bottom_line: aiImpact.bottomLine,
    });
    const each = (table, list, row = (item) => item) => list.map((item) => add(table, { career_id, ...row(item) }));
    each("code", career.codes);
    each("related_guide", career.relatedGuides, ({ title, career }) => ({ title, career_slug: career }));
    each("domain", article.domains);
    each("milestone", article.milestones);
    const roles = {};
    for (const role of career.roles) {
      roles[role.key] = add("role", { career_id, ...role });
      role.duties.forEach((duty) => add("duty", { role_id: roles[role.key], ...duty }));
    }
    each("work_setting", career.workSettings);
    each("percentile", pay.percentiles, ({ percentile, pay }) => ({ percentile, ...pay }));
    each("adjustment", pay.adjustments, (item) => ({ ...item, ...item.change }));
    each("salary_band", pay.bands, ({ role, stage, range }) => ({ role_id: roles[role], stage, ...range }));
    each("driver", outlook.drivers);
    each("advancement", career.advancement, (step) => ({
      ...step, from_role_id: roles[step.from], to_role_id: roles[step.to], to_career_slug: step.toCareer,
    }));
    each("pathway", training.pathways, (item) => ({
      ...item, duration_low: item.duration.low, duration_high: item.duration.high, cost_low: item.cost.low,
      cost_high: item.cost.high, cost_currency: item.cost.currency,
    }));
    each("step", training.recommendedPath.steps);
    each("recommendation", career.certifications, (item) => ({
      ...item, certification_id: ids[`certification/${item.certification}`],
    }));
    each("task", aiImpact.tasks, (item) => ({
      ...item, handled_by: item.handledBy, measure: item.effect?.measure, change_low: item.effect?.change.low,
      change_high: item.effect?.change.high,
    }));
    each("question", career.faq);
  }
  return all;
}
