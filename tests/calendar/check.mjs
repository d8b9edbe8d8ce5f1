// Every day of calendar/*.yaml against chinese-days, an independent implementation with its own data.
// usage: node check.mjs PATH-TO-test_calendar   (default ../../build/test_calendar; the program prints "2015-01-01 0" with --days)
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import chineseDays from "chinese-days";

const program = resolve(process.argv[2] ?? "../../build/test_calendar");
const root = resolve(import.meta.dirname, "../..");
const lines = execFileSync(program, ["--days"], { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 }).trim().split("\n");
const wrong = [];

for (const line of lines) {
	const [day, workday] = line.split(" ");
	if (chineseDays.isWorkday(day) !== (workday === "1"))
		wrong.push(`${day}: calendar ${workday === "1" ? "workday" : "rest"}, chinese-days the opposite`);
}

// The same for counting: the n-th workday after a day.
let counted = 0;
const isWorkday = new Map(lines.map((line) => line.split(" ")));
for (let i = 0; i + 60 < lines.length; i += 37) {
	const start = lines[i].slice(0, 10);
	for (const n of [1, 5, 7, 20]) {
		let left = n, at = i;
		while (left > 0) left -= isWorkday.get(lines[++at].slice(0, 10)) === "1" ? 1 : 0;
		// findWorkday counts 0 as the day itself; from a rest day its first workday is number 1.
		const theirs = chineseDays.findWorkday(n, start);
		if (theirs !== lines[at].slice(0, 10)) wrong.push(`${start} + ${n} workdays: ${lines[at].slice(0, 10)}, chinese-days ${theirs}`);
		counted++;
	}
}
for (const line of wrong) console.error(line);
console.log(`${lines.length} days and ${counted} periods compared, ${wrong.length} different`);
process.exit(wrong.length > 0 ? 1 : 0);
