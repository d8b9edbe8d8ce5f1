// What the databases of script/bench rules have in common: the query in its three forms and the comparison of its counts.
import { readFileSync } from "node:fs";

const big = 4294967296n;

/** From the numbers of one row to [hit, exempt, unknown] a rule. */
export const ways = {
	verdict: (row) => chunks(row, 3),
	flags: (row) => chunks(row, 3),
	sums: (row) => chunks(row, 2).map(([sum, unknown]) => [sum % big, sum / big, unknown]),
};

function chunks(row, size) {
	const numbers = row.map((v) => BigInt(String(v).split(".")[0]));
	return Array.from({ length: numbers.length / size }, (_, i) => numbers.slice(i * size, i * size + size));
}

/** How often a query is repeated; the best time counts. */
export function rounds(rows) {
	return Number(rows) > 2e6 ? 2 : 3;
}

export function query(folder, way, table, barrier) {
	return readFileSync(`${folder}/${way}.sql`, "utf8").replace("{TABLE}", table).replace("{BARRIER}", barrier);
}

/** Ends the run when a database counts differently. */
export function check(folder, rows, way, row, database) {
	const expected = readFileSync(`${folder}/expected-${rows}.txt`, "utf8").trim().split("\n");
	const got = ways[way](row);
	expected.forEach((line, i) => {
		const rule = line.split(" ")[3];
		if (got[i].join(" ") !== line.split(" ").slice(0, 3).join(" ")) {
			console.error(`${database} counts rule ${rule} differently over ${rows} rows (${way}): ${got[i].join(" ")}, expected ${line}`);
			process.exit(3);
		}
	});
}
