// SIGKILL at a random moment of an import, a sweep or the issuing of documents, many times over one store. What the server acknowledged is
// written down here and must be there at the end, once; what it did not acknowledge may be there or not, but never in part.
import { demoStore, generator, pause, Refused, Server, Session, until, xiezhi } from '../support/program.ts';

const ROWS = 2000;
const ISSUERS = 3; // loops that issue documents at the same time
const [database, roundText] = process.argv.slice(2);
const rounds = Number(roundText ?? 3);
const seed = Number(process.env.XZ_SEED ?? Date.now() % 1_000_000);
const random = generator(seed);

let passed = 0;
let failed = 0;
function check(what: string, holds: boolean, seen?: unknown): void {
	if (holds) passed++;
	else {
		failed++;
		console.log(`FAILED ${what}${seen === undefined ? '' : `: ${JSON.stringify(seen)}`}`);
	}
}

type Upload = { prefix: string; id?: string; job?: string };
type Issued = { id: string; no: string };
const uploads: Upload[] = [];
const sweeps: string[] = [];
const issued: Issued[] = [];
const kills: Record<string, number> = {};

/** Lets a request die with the server; an answer that says no is a finding of its own. */
async function unlessKilled(work: () => Promise<void>): Promise<void> {
	try {
		await work();
	} catch (problem) {
		if (problem instanceof Refused) throw problem;
		if (server.alive && !killing) throw problem;
	}
}

function sheet(prefix: string, agency: string): Buffer {
	const lines = ['案号,处罚机关,行政相对人名称,处罚决定日期,罚款金额,处罚程序'];
	for (let i = 1; i <= ROWS; i++) lines.push(`${prefix}N${i},${agency},${prefix}测试有限公司${i},2026-0${1 + (i % 5)}-1${i % 10},${i}.50,普通程序`);
	return Buffer.from(`${lines.join('\n')}\n`);
}

async function importRows(round: number): Promise<void> {
	const upload: Upload = { prefix: `KILL${round}X` };
	uploads.push(upload);
	upload.id = (await supervisor.ok('POST', `/api/imports?name=${upload.prefix}.csv`, sheet(upload.prefix, agencyName))).id;
	upload.job = (await supervisor.ok('POST', `/api/imports/${upload.id}/run`)).job_id;
}

async function sweep(): Promise<void> {
	sweeps.push((await leader.ok('POST', '/api/sweeps')).job_id);
}

async function issue(label: string, matter: string): Promise<void> {
	for (let i = 0; ; i++) {
		const fields = {
			subject: `第${label}${i}件`, main_to: agencyName, background: '日常监督中了解到有关情况。', questions: ['有关情况如何'], deadline_on: '2026-07-31', contact: '陈某 100',
		};
		const draft = await supervisor.ok('POST', `/api/matters/${matter}/instruments`, { kind: 'explain_request', fields });
		await supervisor.ok('POST', `/api/instruments/${draft.id}/actions/submit`, {});
		await leader.ok('POST', `/api/instruments/${draft.id}/actions/approve`, {});
		const done = await supervisor.ok('POST', `/api/instruments/${draft.id}/actions/number`, {});
		issued.push({ id: draft.id, no: done.no });
	}
}

async function finished(job: string): Promise<{ state: string; error: string | null }> {
	return until(`job ${job}`, async () => {
		const now = await supervisor.ok('GET', `/api/jobs/${job}`);
		return now.state === 'done' || now.state === 'failed' ? now : undefined;
	});
}

let killing = false;
async function strike(round: number): Promise<void> {
	const kinds = ['import', 'sweep', 'issue'];
	const first = round < kinds.length ? kinds[round] : kinds[Math.floor(random() * kinds.length)];
	const work: Promise<void>[] = [];
	const start = (kind: string): void => {
		kills[kind] = (kills[kind] ?? 0) + 1;
		if (kind === 'import') work.push(unlessKilled(() => importRows(round)));
		if (kind === 'sweep') work.push(unlessKilled(sweep));
		if (kind === 'issue') for (let i = 0; i < ISSUERS; i++) work.push(unlessKilled(() => issue(`${round}-${i}-`, matters[i])));
	};
	start(first);
	const second = kinds[Math.floor(random() * kinds.length)];
	if (random() < 0.3 && second !== first) start(second);
	await Promise.race([pause(20 + random() * 1500), Promise.all(work)]);
	if (first === 'sweep') await pause(random() * 400);
	killing = true;
	await server.kill();
	await Promise.all(work);
	await server.start();
	killing = false;
	const health = await supervisor.ok('GET', '/healthz');
	check(`round ${round}: the server is well again after a kill during ${first}`, health.status === 'ok', health);
	if (random() < 0.5) for (const upload of uploads.slice(-1)) if (upload.job) await finished(upload.job);
}

/** A matter in which requests for explanation may be issued. */
async function openMatter(): Promise<string> {
	const clue = await supervisor.ok('POST', '/api/clues', { channel: 'referral', content: '有关部门移送的材料', agency_id: agencyId });
	return (await supervisor.ok('POST', `/api/clues/${clue.id ?? clue.clue.id}/decide`, { decision: 'accept', reason: '需要了解情况' })).matter_id;
}

async function verifyImports(): Promise<void> {
	for (const upload of uploads) {
		const rows = store.number(`SELECT COUNT(*) FROM r_penalty_case WHERE deleted = 0 AND case_no LIKE '${upload.prefix}N%'`);
		const keys = store.number(`SELECT COUNT(DISTINCT row_key) FROM r_penalty_case WHERE deleted = 0 AND case_no LIKE '${upload.prefix}N%'`);
		const found = (await supervisor.ok('GET', `/api/records/penalty_case?q=${upload.prefix}&count=1&limit=1`)).total;
		if (upload.job) {
			const now = await supervisor.ok('GET', `/api/imports/${upload.id}`);
			check(`${upload.prefix}: the acknowledged import is done`, now.state === 'done', { state: now.state, error: now.error });
			check(`${upload.prefix}: its counts say so`, now.counts.new === ROWS && now.counts.rejected === 0 && now.counts.read === ROWS, now.counts);
			check(`${upload.prefix}: every row is there`, rows === ROWS, rows);
		} else {
			check(`${upload.prefix}: unacknowledged means all or nothing`, rows === 0 || rows === ROWS, rows);
		}
		check(`${upload.prefix}: nothing is doubled`, keys === rows, { rows, keys });
		check(`${upload.prefix}: the search index agrees`, found === rows, { found, rows });
	}
	check('every import row has one provenance', store.number('SELECT COUNT(*) FROM r_penalty_case WHERE deleted = 0 AND import_id NOT IN (SELECT id FROM import)') === 0);
}

async function verifyNumbers(): Promise<void> {
	const rows = store.rows('SELECT issuer_code, category, year, seq, display_no, instrument_id FROM instrument_number ORDER BY 1, 2, 3, seq');
	const series = new Map<string, number[]>();
	const byInstrument = new Map(rows.map((r) => [r[5], r[4]]));
	for (const r of rows) series.set(r.slice(0, 3).join(' '), [...(series.get(r.slice(0, 3).join(' ')) ?? []), Number(r[3])]);
	for (const [name, numbers] of series) check(`${name}: 1 to ${numbers.length} without a gap`, numbers.every((n, i) => n === i + 1), numbers.slice(0, 20));
	check('no number twice', new Set(rows.map((r) => r[4])).size === rows.length);
	check('no document has two numbers', byInstrument.size === rows.length);
	for (const one of issued) {
		const now = await supervisor.ok('GET', `/api/instruments/${one.id}`);
		if (now.no !== one.no || byInstrument.get(one.id) !== one.no) check(`${one.no} is still the number of ${one.id}`, false, now.no);
	}
	check(`${issued.length} acknowledged numbers are where they were`, issued.every((one) => byInstrument.get(one.id) === one.no));
	const numbered = store.number("SELECT COUNT(*) FROM instrument WHERE state IN ('numbered','sealed','served') OR number <> ''");
	check('as many numbered documents as numbers', numbered === rows.length, { numbered, numbers: rows.length });
	console.log(`# ${issued.length} numbers acknowledged, ${rows.length} given`);
}

async function verifySweeps(): Promise<void> {
	for (const job of sweeps) {
		const now = await finished(job);
		check(`sweep job ${job} was finished after the kill`, now.state === 'done', now);
	}
	await finished((await leader.ok('POST', '/api/sweeps')).job_id);
	const dry = xiezhi(['sweep', '--dry-run', '--json', '--today', '2026-06-30', ...store.args]);
	const again = JSON.parse(dry.out);
	for (const rule of again.rules) {
		const stored = store.number(`SELECT COUNT(*) FROM finding WHERE rule_id = '${rule.id}' AND present = 1`);
		if (stored !== rule.hit) check(`${rule.id}: stored findings are its hits`, false, { stored, hit: rule.hit });
	}
	check('stored findings are the hits of all rules', store.number('SELECT COUNT(*) FROM finding WHERE present = 1') === again.rules.reduce((n: number, r: any) => n + r.hit, 0));
	check('no finding twice', store.number('SELECT COUNT(*) FROM (SELECT rule_id, record_id FROM finding GROUP BY rule_id, record_id HAVING COUNT(*) > 1) twice') === 0);
}

console.log(`# seed ${seed}, ${rounds} kills on ${database}`);
const store = demoStore('kill', { postgres: database === 'postgres' });
const server = await new Server(store).start();
const supervisor = await Session.open(server, 'supervisor');
const leader = await Session.open(server, 'leader');
const agencies = await supervisor.ok('GET', '/api/orgs?kind=agency&limit=50');
const { id: agencyId, name: agencyName } = agencies.items[0];
const matters: string[] = [];
for (let i = 0; i < ISSUERS; i++) matters.push(await openMatter()); // one each: two who work on one matter at once are told so (409)
try {
	for (let round = 0; round < rounds; round++) await strike(round);
	for (const upload of uploads) if (upload.job) await finished(upload.job);
	await until('the queue to be empty', async () => (store.number("SELECT COUNT(*) FROM job WHERE state IN ('queued','running')") === 0 ? true : undefined));
	check('no job failed', store.number("SELECT COUNT(*) FROM job WHERE state = 'failed'") === 0, store.rows("SELECT kind, error FROM job WHERE state = 'failed'"));
	await verifyImports();
	await verifyNumbers();
	await verifySweeps();
} catch (problem) {
	check(`${(problem as Error).stack ?? problem} ${(problem as any).cause ?? ""}`, false);
	console.log(server.lastWords.slice(-1500));
}
await server.stop();
const chain = xiezhi(['audit', 'verify', ...store.args]);
check('the audit chain verifies', chain.code === 0, chain.out + chain.err);
console.log(`# ${rounds} kills on ${database}: ${JSON.stringify(kills)}; ${chain.out.trim()}`);
if (failed > 0) console.log(`# repeat with XZ_SEED=${seed}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
