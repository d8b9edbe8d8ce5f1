// The conditions of the shipped rules in DuckDB. usage: node run.mjs FOLDER THREADS_MAX ROWS…
// FOLDER is what `bench_rules export` wrote. Prints a line "duckdb ROWS THREADS SECONDS WAY" a number of rows and threads, and fails when the
// counts differ from FOLDER/expected-ROWS.txt. Columns get the narrowest type that holds them; the three ways to write the query are tried
// with the first number of rows, the best is kept.
import { readFileSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
import { check, query, rounds, ways } from "../queries.mjs";

const types = { 1: "TINYINT", 2: "SMALLINT", 4: "INTEGER", 8: "BIGINT", bool: "BOOLEAN" };
const [folder, threadsMax, ...sizes] = process.argv.slice(2);
const columns = readFileSync(`${folder}/columns.txt`, "utf8").trim().split("\n").map((line) => line.split(" "));
const db = await (await DuckDBInstance.create(":memory:")).connect();
const list = columns.map(([name, bytes]) => `'${name}': '${types[bytes]}'`).join(", ");
const all = Math.max(...sizes.map(Number));

async function timed(sql) {
	const from = process.hrtime.bigint();
	const reader = await db.runAndReadAll(sql);
	return [Number(process.hrtime.bigint() - from) / 1e9, reader.getRows()[0]];
}

const loading = process.hrtime.bigint();
await db.run(`CREATE TABLE cases AS SELECT * FROM read_csv('${folder}/columns.csv', header = false, columns = {${list}})`);
console.log(`duckdb-load ${all} 0 ${Number(process.hrtime.bigint() - loading) / 1e9} -`);
let kept = Object.keys(ways);
for (const rows of sizes) {
	if (Number(rows) !== all) await db.run(`CREATE TABLE cases_${rows} AS SELECT * FROM cases LIMIT ${rows}`);
	for (let threads = 1; threads <= threadsMax; threads++) {
		const best = {};
		await db.run(`SET threads = ${threads}`);
		for (const way of kept)
			for (let round = 0; round < rounds(rows); round++) {
				const [seconds, row] = await timed(query(folder, way, Number(rows) === all ? "cases" : `cases_${rows}`, ""));
				check(folder, rows, way, row, "DuckDB");
				best[way] = Math.min(best[way] ?? Infinity, seconds);
			}
		const way = Object.keys(best).sort((a, b) => best[a] - best[b])[0];
		console.log(`duckdb ${rows} ${threads} ${best[way]} ${way}`);
		if (process.env.XZ_EACH) console.log(best);
		if (threads === Number(threadsMax)) kept = [way];
	}
}
