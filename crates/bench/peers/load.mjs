// Loads a file of documents into tables: `node load.mjs documents.jsonl postgres://... peers.sqlite`.
import { readFileSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { rows, tables } from "./tables.mjs";

const [documents, postgres, sqlite] = process.argv.slice(2);
const all = rows(readFileSync(documents, "utf8").trim().split("\n").map((line) => JSON.parse(line)));

/** The statements that make a table. Arrays are JSON where the database has none. */
function create(name, columns, arrays) {
  const type = (type) => (type.table ? `int references "${type.table}"` : type === "text[]" ? arrays : type);
  const lines = Object.entries(columns).map(([column, kind]) => `"${column}" ${type(kind)}`);
  const references = Object.keys(columns).filter((column) => columns[column].table);
  return [
    `create table "${name}" (id integer primary key, ${lines.join(", ")})`,
    ...references.map((column) => `create index "${name}_${column}" on "${name}" ("${column}")`),
    ...("slug" in columns ? [`create unique index "${name}_slug" on "${name}" (slug)`,] : []),
  ];
}

async function intoPostgres(url) {
  const { pathname } = new URL(url);
  const name = pathname.slice(1);
  const server = new pg.Client({ connectionString: url.replace(pathname, "/postgres") });
  await server.connect();
  await server.query(`drop database if exists "${name}" with (force)`);
  await server.query(`create database "${name}"`);
  await server.end();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const [table, columns] of Object.entries(tables)) {
    const [statement, ...indexes] = create(table, columns, "text[]");
    await client.query(statement.replace(/("slug" text)/, "$1 not null"));
    const names = ["id", ...Object.keys(columns)];
    for (let start = 0; start < all[table].length; start += 500) {
      const some = all[table].slice(start, start + 500);
      const values = some.map((_, row) => `(${names.map((_, column) => `$${row * names.length + column + 1}`)})`);
      await client.query(`insert into "${table}" (${names.map((name) => `"${name}"`)}) values ${values}`, some.flat());
    }
    for (const index of indexes) await client.query(index);
    if ("slug" in columns) await client.query(`alter table "${table}" add unique using index "${table}_slug"`);
  }
  await client.query("vacuum analyze");
  await client.end();
}

function intoSqlite(path) {
  rmSync(path, { force: true });
  const database = new DatabaseSync(path);
  database.exec("pragma journal_mode = wal; begin");
  for (const [table, columns] of Object.entries(tables)) {
    create(table, columns, "text").forEach((statement) => database.exec(statement));
    const insert = database.prepare(`insert into "${table}" values (?${", ?".repeat(Object.keys(columns).length)})`);
    all[table].forEach((row) => insert.run(...row.map((value) => (Array.isArray(value) ? JSON.stringify(value) : value))));
  }
  database.exec("commit; analyze");
  database.close();
}

await intoPostgres(postgres);
intoSqlite(sqlite);
