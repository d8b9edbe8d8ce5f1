// The conditions of the shipped rules in SQLite and PostgreSQL. usage: node sql.mjs sqlite FOLDER ROWS… | postgres FOLDER URL ROWS…
// FOLDER is what `bench_rules export` wrote (cases.db for SQLite, columns.csv for PostgreSQL). Prints "DATABASE ROWS PROCESSES SECONDS WAY" and
// fails when the counts differ. The inner query is kept apart from the outer
// one (merged, each condition is evaluated for each count: twice as slow in every form). Form of the query and PostgreSQL's compiler are tried
// with the first number of rows; the best is kept for the larger ones.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { check, query } from "./queries.mjs";

const [database, folder, ...rest] = process.argv.slice(2);
const url = database === "postgres" ? rest.shift() : null;
const sizes = rest;
const all = Math.max(...sizes.map(Number));
const columns = readFileSync(`${folder}/columns.txt`, "utf8").trim().split("\n").map((line) => line.split(" "));

const table = (rows) => (Number(rows) === all ? "cases" : `cases_${rows}`);

function shell(command, args, input) {
	const done = spawnSync(command, args, { input, encoding: "utf8", maxBuffer: 1 << 26 });
	if (done.status !== 0 || /^ERROR/m.test(done.stderr)) {
		console.error(done.stderr || String(done.error));
		process.exit(3);
	}
	return done.stdout;
}

const sqlite = {
	barrier: "LIMIT -1",
	settings: [{ processes: 1, sql: "" }],
	prepare() {
		for (const rows of sizes)
			if (Number(rows) !== all)
				shell("sqlite3", [`${folder}/cases.db`], `CREATE TABLE cases_${rows} AS SELECT * FROM cases LIMIT ${rows};`);
	},
	run(setting, sql, times) {
		const out = shell("sqlite3", ["-list", "-separator", " ", `${folder}/cases.db`],
			`PRAGMA mmap_size = 17179869184;\n.timer on\n${`${sql};\n`.repeat(times)}`);
		const seconds = [...out.matchAll(/^Run Time: real ([\d.]+)/gm)].map((m) => Number(m[1]));
		const row = out.split("\n").filter((line) => /^-?\d+ \d+/.test(line)).at(-1).split(" ");
		return [Math.min(...seconds), row];
	},
};

const pgTypes = { 1: "SMALLINT", 2: "SMALLINT", 4: "INTEGER", 8: "BIGINT", bool: "BOOLEAN" };
const psql = (input) => shell("psql", ["-X", "-q", "-A", "-t", "-F", " ", "-v", "ON_ERROR_STOP=1", url], input);
const parallel = "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;";
const postgres = {
	barrier: "OFFSET 0",
	settings: [0, 1].flatMap((workers) => ["off", "on"].map((jit) => ({
		processes: workers + 1,
		name: `jit ${jit}`,
		sql: `${parallel} SET max_parallel_workers_per_gather = ${workers}; SET jit = ${jit}; SET jit_above_cost = 0;`,
	}))),
	prepare() {
		// the smaller tables are loaded too: a table's first rows need not be the file's first
		psql(`${sizes.map((rows) => `CREATE UNLOGGED TABLE ${table(rows)} (${columns.map(([name, bytes]) => `${name} ${pgTypes[bytes]}`).join(", ")});
\\copy ${table(rows)} FROM PROGRAM 'head -n ${rows} ${folder}/columns.csv' (FORMAT csv)`).join("\n")}
VACUUM (FREEZE, ANALYZE);`);
	},
	run(setting, sql, times) {
		const out = psql(`${setting.sql}\n\\timing on\n${`${sql};\n`.repeat(times)}`);
		const seconds = [...out.matchAll(/^(?:Time|时间)[^\d]*([\d.]+) ms/gm)].map((m) => Number(m[1]) / 1000);
		const row = out.split("\n").filter((line) => /^-?\d+ \d+/.test(line)).at(-1).split(" ");
		return [Math.min(...seconds), row];
	},
};

const engine = database === "postgres" ? postgres : sqlite;
const loading = process.hrtime.bigint();
engine.prepare();
console.log(`${database}-load ${all} 0 ${Number(process.hrtime.bigint() - loading) / 1e9} -`);
const kept = {};
for (const rows of sizes) {
	const best = {};
	for (const setting of engine.settings)
		for (const way of ["verdict", "sums", "flags"]) {
			const name = [way, setting.name].filter(Boolean).join(", ");
			if (kept[setting.processes] && kept[setting.processes] !== name) continue;
			const [seconds, row] = engine.run(setting, query(folder, way, table(rows), engine.barrier), 1);
			check(folder, rows, way, row, database);
			if (process.env.XZ_EACH) console.log(`  ${setting.processes} ${name}: ${seconds}`);
			if (!(best[setting.processes]?.seconds < seconds)) best[setting.processes] = { seconds, name };
		}
	for (const [processes, { seconds, name }] of Object.entries(best)) {
		console.log(`${database} ${rows} ${processes} ${seconds} ${name}`);
		kept[processes] = name;
	}
}
