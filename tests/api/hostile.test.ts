// Bad input of every kind gets an error that says what and where in Chinese, ends with the code of the contract, and loses nothing: at the
// end the store holds what it held, the chain verifies and the server has not grown.
import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { demoStore, scratch, Server, Session, Store, TODAY, until, xiezhi } from '../support/program.ts';
import { bombMember, unzip, workbook, zip } from '../support/zip.ts';

const HEADER = ['案号', '处罚机关', '行政相对人名称', '处罚决定日期', '案件名称', '备注'];
const ROW = ['一', '某局', '某公司', '2026-01-05', '某案', '无'];
const SQL = `x'); DROP TABLE account; --" $1 %s \\ ; SELECT`;
const FORMULAS = ['=HYPERLINK("http://x.example","点")', '+1+cmd|calc', '-2+3', '@SUM(A1)', '\t=1'];
const MEMORY_KB = 700_000; // of address space, for one command
const RSS_MB = 500; // of the server after everything
const dir = scratch('hostile');

function file(name: string, content: string | Buffer): string {
	const path = join(dir, name);
	writeFileSync(path, content);
	return path;
}
const csv = (rows: string[][]): string => rows.map((row) => row.map((c) => (/[",\n\t]/.test(c) ? `"${c.replaceAll('"', '""')}"` : c)).join(',')).join('\n') + '\n';
const many = Array.from({ length: 1000 }, (_, i) => ROW.with(0, `案${i}`));
const good = workbook([HEADER, ROW]);
const doctype = workbook([], {
	name: 'xl/worksheets/sheet1.xml',
	plain: Buffer.from(`<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">${'bcdefgh'.split('').map((c, i) => `<!ENTITY ${c} "${`&${'abcdefg'[i]};`.repeat(10)}">`).join('')}]><worksheet><sheetData><row><c t="inlineStr"><is><t>&h;</t></is></c></row></sheetData></worksheet>`),
});
const external = workbook([], {
	name: 'xl/worksheets/sheet1.xml',
	plain: Buffer.from('<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet><sheetData><row><c t="inlineStr"><is><t>&a;</t></is></c></row></sheetData></worksheet>'),
});
const bomb = workbook([], bombMember('xl/worksheets/sheet1.xml', '<worksheet><sheetData><row><c t="inlineStr"><is><t>', ' ', 256, '</t></is></c></row></sheetData></worksheet>'));
const rowBomb = workbook([], bombMember('xl/worksheets/sheet1.xml', '<worksheet><sheetData>', '<row/>', 256, '</sheetData></worksheet>'));

/** Ends with 2 and says which file and something in Chinese; never a crash, never an internal failure. */
function refused(path: string, text: RegExp, extra: string[] = []): void {
	const done = xiezhi(['check', path, '--today', TODAY, ...extra], { memory_kb: MEMORY_KB });
	assert.equal(done.signal, null, done.err);
	assert.equal(done.code, 2, `${done.code}: ${done.err} ${done.out.slice(0, 300)}`);
	assert.ok(done.err.includes(path), `names no file: ${done.err}`);
	assert.match(done.err, text);
}

describe('files on the command line', () => {
	test('a workbook cut short anywhere is refused', () => {
		for (const part of [0.05, 0.3, 0.5, 0.8, 0.99]) refused(file('cut.xlsx', good.subarray(0, Math.floor(good.length * part))), /[损截坏完整]|损坏|不完整/);
	});
	test('a workbook with a damaged byte in the sheet is refused or read, never worse', () => {
		for (let at = 40; at < good.length; at += 37) {
			const bytes = Buffer.from(good);
			bytes[at] ^= 0x55;
			const done = xiezhi(['check', file('bit.xlsx', bytes), '--today', TODAY], { memory_kb: MEMORY_KB });
			assert.ok(done.signal === null && (done.code === 0 || done.code === 1 || done.code === 2), `byte ${at}: ${done.signal ?? done.code} ${done.err}`);
			if (done.code === 2) assert.match(done.err, /\p{Script=Han}/u);
		}
	});
	test('a zip bomb is refused before it unpacks', () => {
		assert.ok(bomb.length < 2 << 20);
		refused(file('bomb.xlsx', bomb), /压缩|解开|解压|展开|过大/);
		refused(file('rows.xlsx', rowBomb), /压缩|解开|解压|展开|过大/);
	});
	test('a DOCTYPE is refused, and with it every entity', () => {
		refused(file('doctype.xlsx', doctype), /DOCTYPE|实体/);
		refused(file('external.xlsx', external), /DOCTYPE|实体/);
	});
	test('a ZIP that is no workbook is refused', () => refused(file('plain.xlsx', zip([{ name: 'a.txt', plain: Buffer.from('x') }])), /工作簿|XLSX/i));
	test('an empty file, bytes of nothing, a PDF, an executable are refused', () => {
		refused(file('empty.csv', ''), /空|没有/);
		refused(file('zeros.csv', Buffer.alloc(5000)), /./);
		refused(file('a.pdf.csv', Buffer.from('%PDF-1.7\n\x00\x01\x02\xff\xfe')), /./);
		refused(file('elf.csv', Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(3000, 0xe9)])), /./);
	});
	test('GB18030, UTF-8 with mark and UTF-16 are read; other bytes are refused or rejected row by row', () => {
		const text = csv([HEADER, ROW]);
		const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
		for (const [name, bytes] of [['bom.csv', Buffer.from('\ufeff' + text)], ['u16.csv', utf16]] as [string, Buffer][]) {
			const done = xiezhi(['check', file(name, bytes), '--json', '--today', TODAY]);
			assert.equal(done.code, 0, done.err);
			assert.equal(JSON.parse(done.out).files[0].taken, 1, name);
		}
		const mixed = Buffer.concat([Buffer.from(text), Buffer.from('二,某局,'), Buffer.from([0xff, 0xfe, 0x80, 0xc0]), Buffer.from(',2026-01-05,a,b\n'), Buffer.from('三,某局,某公司,2026-01-06,c,d\n')]);
		const done = xiezhi(['check', file('mixed.csv', mixed), '--json', '--today', TODAY]);
		if (done.code === 2) assert.match(done.err, /编码|UTF-8/);
		else {
			const f = JSON.parse(done.out).files[0];
			assert.equal(f.read, 3);
			assert.ok(f.taken === 2 && f.rejected === 1, JSON.stringify(f));
			assert.match(f.rejects[0].reason, /编码|字符|UTF/);
		}
	});
	for (const [name, head, tail] of [
		['line.csv', csv([HEADER, ...many]), '\n' + ROW.with(0, '三').join(',') + '\n'],
		['line.jsonl', many.map(([no]) => `{"案号":"${no}","处罚机关":"某局","行政相对人名称":"某公司"}\n`).join('') + '{"案号":"', `"}\n{"案号":"三","处罚机关":"某局","行政相对人名称":"某公司"}\n`],
		['quote.csv', csv([HEADER, ...many]) + '二,"', '",x\n' + ROW.with(0, '三').join(',') + '\n'],
	])
		test(`a line of 1 GB in ${name} costs no memory and no neighbours`, () => {
			const path = join(dir, name);
			const fd = openSync(path, 'w');
			writeSync(fd, head);
			if (process.env.XZ_FULL) for (let i = 0; i < 1024; i++) writeSync(fd, Buffer.alloc(1 << 20, 0x78));
			else ftruncateSync(fd, Buffer.byteLength(head) + 2 ** 30); // a hole reads as zeros
			const end = openSync(path, 'a');
			writeSync(end, tail);
			closeSync(end);
			closeSync(fd);
			const done = xiezhi(['check', path, '--as', 'penalty_case', '--json', '--today', TODAY], { memory_kb: MEMORY_KB });
			ftruncateOf(path);
			assert.equal(done.signal, null);
			if (done.code === 2) assert.match(done.err, /行|过长|16 MiB|上限|字符/);
			else {
				const f = JSON.parse(done.out).files[0];
				assert.deepEqual([f.taken, f.rejected], [many.length + 1, 1], JSON.stringify(f).slice(0, 500));
				assert.match(f.rejects[0].reason, /过长|16 MiB|超过|上限/);
			}
		});
	test('a file of one line of 1 GB without end is refused', () => {
		const path = join(dir, 'one.csv');
		const fd = openSync(path, 'w');
		writeSync(fd, '案号');
		ftruncateSync(fd, 2 ** 30);
		closeSync(fd);
		refused(path, /./);
	});
	test('malformed JSON lines are rejected one by one with their line', () => {
		const line = (no: string): string => `{"案号":"${no}","处罚机关":"某局","行政相对人名称":"某公司"}`;
		const lines = [line('1'), '{"案号":', line('2'), `[${'['.repeat(100_000)}`, '{"案号":"3","案号":"4"}', '{"案号":1e999}', 'null', '"x"', '{"案号":"\\ud800"}', line('5'), '{"案号":"6"} {"案号":"7"}', line('8')];
		const done = xiezhi(['check', file('bad.jsonl', lines.join('\n') + '\n'), '--as', 'penalty_case', '--json', '--today', TODAY], { memory_kb: MEMORY_KB });
		assert.equal(done.code, 0, done.err);
		const f = JSON.parse(done.out).files[0];
		assert.equal(f.taken, 4, JSON.stringify(f));
		assert.deepEqual(f.rejects.map((r: any) => r.line), [2, 4, 5, 6, 7, 8, 9, 11]);
		for (const r of f.rejects) assert.match(r.reason, /\p{Script=Han}/u);
	});
	test('a whole JSON document of rubbish is refused', () => {
		refused(file('deep.jsonl', '{"a":'.repeat(50_000)), /./);
		refused(file('array.jsonl', '[1,2,3]\n'), /./);
	});
	test('too many columns, a header twice, quotes that never close', () => {
		refused(file('wide.csv', Array(20_000).fill('列').join(',') + '\n' + Array(20_000).fill('1').join(',') + '\n'), /16384|列/);
		const twice = xiezhi(['check', file('twice.csv', csv([[...HEADER, '案号'], [...ROW, '另一']])), '--today', TODAY]);
		assert.ok(twice.signal === null && twice.code !== 3, twice.err);
		const open = xiezhi(['check', file('open.csv', csv([HEADER, ROW]) + '二,"没有结束\n'.repeat(100)), '--today', TODAY]);
		assert.ok(open.signal === null && open.code !== 3, open.err);
	});
	test('data files given by the user: YAML bombs and rubbish point at the file', () => {
		for (const [text, pattern] of [['a: &a [x,x]\nb: [*a,*a]\n', /锚|别名|&|anchor/], ['id: [', /x\.yaml:/], ['\x00\x01', /x\.yaml/], [`a: ${'['.repeat(200)}`, /x\.yaml/]] as [string, RegExp][]) {
			const done = xiezhi(['check', file('ok.csv', csv([HEADER, ROW])), '--mapping', file('x.yaml', text), '--today', TODAY]);
			assert.equal(done.code, 2, done.err);
			assert.match(done.err, pattern);
		}
	});
});

function ftruncateOf(path: string): void {
	writeFileSync(path, '');
}

describe('SQL and formulas in every field', () => {
	const store = new Store(join(dir, 'sql'));
	before(() => assert.equal(xiezhi(['init', ...store.args]).code, 0));

	test('SQL in every text field is stored as it is', () => {
		const demo = demoStore('hostile-header');
		const tables = store.number('SELECT COUNT(*) FROM account');
		for (const type of ['agency', 'officer', 'party', 'penalty_case', 'hotline_ticket']) {
			const template = xiezhi(['export', type, '--format', 'csv', '--out', join(dir, 'head.csv'), ...demo.args]);
			assert.equal(template.code, 0, template.err);
			const header = readFileSync(join(dir, 'head.csv'), 'utf8').replace(/^\ufeff/, '').trim().split('\n')[0];
			const cells = header.split(',').map(() => `"${SQL.replaceAll('"', '""')}"`).join(',');
			const done = xiezhi(['import', file(`sql-${type}.csv`, `${header}\n${cells}\n`), '--as', type, '--json', ...store.args]);
			assert.equal(done.code, 0, `${type}: ${done.err}`);
		}
		const row = [SQL, SQL, SQL, '2026-01-05', SQL, SQL];
		assert.equal(JSON.parse(xiezhi(['import', file('sql.csv', csv([HEADER, row])), '--as', 'penalty_case', '--json', ...store.args]).out).imports[0].new, 1);
		assert.equal(store.number('SELECT COUNT(*) FROM account'), tables);
		const out = join(dir, 'sql.jsonl');
		assert.equal(xiezhi(['export', 'penalty_case', '--format', 'jsonl', '--out', out, ...store.args]).code, 0);
		const back = JSON.parse(readFileSync(out, 'utf8').trim().split('\n').at(-1)!);
		assert.deepEqual([back.case_no, back.agency_name, back.party_name, back.case_name, back.remark], [SQL, SQL, SQL, SQL, SQL]);
	});
	test('formulas leave as text: CSV with a guard that the reader takes off, XLSX as strings', async () => {
		const rows = FORMULAS.map((f, i) => [`公式${i}`, '某局', f, '2026-01-05', f, f]);
		const done = JSON.parse(xiezhi(['import', file('formula.csv', csv([HEADER, ...rows])), '--as', 'penalty_case', '--json', ...store.args]).out).imports[0];
		assert.equal(done.new, FORMULAS.length);
		const out = join(dir, 'formula-out.csv');
		assert.equal(xiezhi(['export', 'penalty_case', '--format', 'csv', '--out', out, ...store.args]).code, 0);
		for (const line of readFileSync(out, 'utf8').split('\n')) assert.doesNotMatch(line, /(^|,)"?[=+@\t]|(^|,)"?-\d*\+/, line);
		const again = JSON.parse(xiezhi(['import', out, '--as', 'penalty_case', '--json', ...store.args]).out).imports[0];
		assert.deepEqual([again.rejected, again.changed, again.new], [0, 0, 0], JSON.stringify(again));
		const book = join(dir, 'formula-out.xlsx');
		assert.equal(xiezhi(['export', 'penalty_case', '--format', 'xlsx', '--out', book, ...store.args]).code, 0);
		const sheet = (await unzip(readFileSync(book), 'xl/worksheets/sheet1.xml'))!.toString();
		assert.doesNotMatch(sheet, /<f[ >]/);
	});
	test('a rejected row with a formula comes back without one', () => {
		const done = xiezhi(['import', file('rej.csv', csv([HEADER, ['拒', '某局', FORMULAS[0], '不是日期', FORMULAS[1], FORMULAS[2]]])), '--as', 'penalty_case', ...store.args]);
		assert.equal(done.code, 0, done.err);
		assert.doesNotMatch(readFileSync(join(dir, 'rej.rejects.csv'), 'utf8'), /(^|,)"?[=+@]/m);
	});
});

describe('the server', () => {
	let store: Store;
	let server: Server;
	let supervisor: Session;
	let held: Record<string, number>;
	const tables = ['account', 'org', 'import', 'r_penalty_case', 'clue', 'matter', 'instrument', 'template', 'finding'];
	const counts = (): Record<string, number> => Object.fromEntries(tables.map((t) => [t, store.number(`SELECT COUNT(*) FROM ${t}`)]));

	before(async () => {
		store = demoStore('hostile-server');
		server = await new Server(store).start();
		supervisor = await Session.open(server, 'supervisor');
		held = counts();
	});
	after(() => server.stop());

	/** Bytes over a socket of its own; what came back until it closed or went quiet. */
	function raw(bytes: string | Buffer, quiet_ms = 400): Promise<string> {
		return new Promise((done) => {
			const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(bytes));
			let text = '';
			socket.setTimeout(quiet_ms, () => socket.destroy());
			socket.on('data', (more) => (text += more.toString('latin1')));
			socket.on('error', () => undefined);
			socket.on('close', () => done(text));
		});
	}
	const status = (answer: string): number => Number(/^HTTP\/1\.[01] (\d+)/.exec(answer)?.[1] ?? 0);

	async function problem(method: string, path: string, body: unknown, code: number, text: RegExp, field?: string): Promise<void> {
		const answer = await supervisor.send(method, path, body);
		assert.equal(answer.status, code, `${method} ${path}: ${answer.status} ${answer.text.slice(0, 300)}`);
		assert.match(answer.headers.get('content-type') ?? '', /problem\+json/);
		assert.match(answer.json.detail, text);
		if (field !== undefined) assert.equal(answer.json.field, field);
	}

	test('a session cookie anywhere, even at /healthz, does no harm', async () => {
		for (const path of ['/healthz', '/metrics', '/openapi.json', '/', '/office/', '/nothing', '/api/nothing'])
			assert.ok((await supervisor.send('GET', path)).status < 500, path);
		for (const cookie of ['xz_session=', 'xz_session=' + '0'.repeat(64), 'xz_session=\xff', 'xz_session=' + 'a'.repeat(4000), 'xz_session=1; xz_session=2'])
			for (const path of ['/healthz', '/api/session', '/api/desk']) assert.ok(status(await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: ${cookie}\r\n\r\n`)) < 500, `${path} ${cookie}`);
	});
	test('hostile HTTP, a smoke: the rest is in src/http/test_http_socket.c', async () => {
		assert.equal(status(await raw('GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n')), 400);
		assert.ok([0, 400, 431].includes(status(await raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`))));
		assert.ok([0, 400, 414].includes(status(await raw(`GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`))));
		assert.ok([0, 400].includes(status(await raw(Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + '\0'.repeat(300), 'latin1')))));
		for (const path of ['/../../etc/passwd', '/office/..%2f..%2f..%2fetc/passwd', '/office/%2e%2e/%2e%2e/etc/passwd', '/%00', '/office/\\..\\..\\etc\\passwd']) {
			const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
			assert.ok(!answer.includes('root:'), path);
			assert.ok([0, 200, 302, 308, 400, 404].includes(status(answer)), `${path}: ${answer.slice(0, 100)}`);
		}
	});
	test('a body that is too large: 413, before it is sent', async () => {
		await problem('POST', '/api/clues', JSON.stringify({ channel: 'phone', content: 'x'.repeat(1 << 20) }), 413, /至多 1048576 字节/);
		const answer = await raw(`POST /api/imports?name=a.csv HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nCookie: ${supervisor.cookie}\r\nX-CSRF: ${supervisor.csrf}\r\nContent-Length: ${(256 << 20) + 1}\r\n\r\n`);
		assert.equal(status(answer), 413, answer.slice(0, 300));
	});
	test('unknown, missing and malformed fields: 422 naming the field', async () => {
		await problem('POST', '/api/clues', { channel: 'phone', content: 'x', titel: 'y' }, 422, /titel.*title/, 'titel');
		await problem('POST', '/api/clues', { channel: 'phone' }, 422, /content/, 'content');
		await problem('POST', '/api/clues', { channel: 'phone', content: 7 }, 422, /文字/, 'content');
		await problem('POST', '/api/clues', { channel: 'phone', content: 'x', happened_on: '2026-02-30' }, 422, /日期/, 'happened_on');
		await problem('POST', '/api/clues', { channel: 'phone', content: 'x', agency_id: SQL }, 422, /编号/, 'agency_id');
		await problem('POST', '/api/clues', { channel: 'phone', content: 'x', attachments: ['1', -1] }, 422, /编号/, 'attachments');
		await problem('POST', '/api/clues', { channel: 'phone', content: 'a\u0001' }, 422, /控制字符/, 'content');
		await problem('POST', '/api/clues', { channel: 'phone', content: 'x', [`${'很'.repeat(30)}`]: 1 }, 422, /没有名为/);
		await problem('GET', '/api/findings?limit=abc', undefined, 422, /整数/, 'limit');
		await problem('GET', '/api/findings?limit=1&limit=2', undefined, 422, /一次/, 'limit');
	});
	test('a body that is no JSON: refused with line and column', async () => {
		for (const body of ['{"channel":', '[1]', '"x"', '{"a":1,"a":2}', '[' .repeat(5000), '\u0000', '{"channel":"\\u0000"}'])
			assert.ok([400, 422].includes((await supervisor.send('POST', '/api/clues', body)).status), body.slice(0, 40));
		await problem('POST', '/api/clues', '{"channel":\n x', 400, /第 2 行/);
	});
	test('SQL where text, filters, orders and ids are expected', async () => {
		const q = encodeURIComponent(SQL);
		for (const path of [`/api/search?q=${q}`, `/api/records/penalty_case?q=${q}`, `/api/records/penalty_case?agency_name=${q}`, `/api/records/penalty_case?order=${q}`, `/api/records/penalty_case?after=${q}`, `/api/records/${q}`, `/api/records/penalty_case/${q}`,
			`/api/findings?rule=${q}`, `/api/findings?after=${q}`, `/api/clues?q=${q}`, `/api/matters?q=${q}&step=${q}`, `/api/orgs?kind=${q}`, `/api/instruments?q=${q}`, `/api/imports?after=${q}`, `/api/records/penalty_case/stats?by=${q}`, `/api/clock?start=${q}&length=1&unit=day`, `/api/parties/${q}`, `/api/records/penalty_case?${q}=1`, `/api/records/penalty_case?q=${encodeURIComponent('" OR * NEAR( ^ : {a b} -')}`]) {
			const answer = await supervisor.send('GET', path);
			assert.ok(answer.status < 500, `${path}: ${answer.status} ${answer.text.slice(0, 200)}`);
		}
		const signIn = await new Session(server).send('POST', '/api/session', { name: SQL.slice(0, 60), password: SQL });
		assert.equal(signIn.status, 401);
	});
	test('uploads that are no table: refused with the reason, and nothing is left behind', async () => {
		for (const [name, bytes, text] of [
			['cut.xlsx', good.subarray(0, good.length >> 1), /损坏|完整|截断/], ['bomb.xlsx', bomb, /压缩|解|过大/], ['doctype.xlsx', doctype, /DOCTYPE|实体/], ['empty.csv', Buffer.alloc(0), /空|没有/], ['zeros.csv', Buffer.alloc(4096), /./],
		] as [string, Buffer, RegExp][])
			await problem('POST', `/api/imports?name=${name}`, bytes, (await supervisor.send('POST', `/api/imports?name=${name}`, bytes)).status, text).catch((e) => {
				throw new Error(`${name}: ${e.message}`);
			});
		for (const name of ['..', '', '/', 'x/']) assert.equal((await supervisor.send('POST', `/api/imports?name=${encodeURIComponent(name)}`, Buffer.from('x'))).status, 422, name);
		const { id } = await supervisor.ok('POST', `/api/imports?name=${encodeURIComponent('../../etc/passwd.csv')}`, Buffer.from(csv([HEADER, ROW])));
		assert.equal((await supervisor.ok('GET', `/api/imports/${id}`)).name, 'passwd.csv');
		assert.deepEqual(readdirSync(join(store.dir, 'files/incoming')), []);
	});
	test('templates that are bombs or no documents: refused', async () => {
		for (const bytes of [bomb, good, good.subarray(0, 200), Buffer.from('x'), zip([bombMember('word/document.xml', '<w:document>', '<w:p/>', 128, '</w:document>')])]) {
			const answer = await supervisor.send('POST', '/api/templates?kind=explain_request&name=a.docx', bytes);
			assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.text.slice(0, 200)}`);
		}
	});
	test('an import that fails in the middle keeps its rejects and says so', async () => {
		const rows = Array.from({ length: 50 }, (_, i) => [i % 2 ? `好${i}` : '', '某局', SQL, i % 3 ? '2026-01-05' : '昨天', FORMULAS[i % 5], '无']);
		const { id } = await supervisor.ok('POST', '/api/imports?name=mixed.csv', Buffer.from(csv([HEADER, ...rows])));
		await supervisor.ok('POST', `/api/imports/${id}/run`);
		const now = await until('the import', async () => {
			const i = await supervisor.ok('GET', `/api/imports/${id}`);
			return ['done', 'failed'].includes(i.state) ? i : undefined;
		});
		assert.equal(now.state, 'done');
		assert.equal(now.counts.new + now.counts.rejected, 50, JSON.stringify(now.counts));
		const sheet = await supervisor.send('GET', `/api/imports/${id}/rejects?format=csv`);
		assert.match(sheet.text, /错误原因/);
		assert.doesNotMatch(sheet.text, /(^|,)"?[=+@]/m);
		await supervisor.ok('POST', `/api/imports/${id}/undo`);
	});
	test('two hundred broken connections and the server still answers', async () => {
		await Promise.all(Array.from({ length: 200 }, (_, i) => raw(i % 2 ? 'POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{' : 'GET /api/se', 50)));
		assert.equal((await supervisor.send('GET', '/healthz')).json.status, 'ok');
	});
	test('after all this: healthy, nothing lost, chain whole, memory bounded', async () => {
		assert.equal((await supervisor.send('GET', '/healthz')).json.status, 'ok');
		const now = counts();
		for (const table of tables.filter((t) => t !== 'import' && t !== 'r_penalty_case' && t !== 'finding')) assert.equal(now[table], held[table], table);
		assert.equal(store.number('SELECT COUNT(*) FROM r_penalty_case WHERE deleted = 0'), held.r_penalty_case);
		const rss = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))![1]) / 1024;
		assert.ok(rss < RSS_MB, `${rss} MB`);
		console.log(`# server memory ${Math.round(rss)} MB`);
		const chain = xiezhi(['audit', 'verify', ...store.args]);
		assert.equal(chain.code, 0, chain.out);
		assert.ok(statSync(join(store.dir, 'xiezhi.db')).size > 0);
	});
});
