// Every page, both languages, desktop and phone: no console error, no policy violation, nothing serious for axe, nothing wider than the
// screen, no text left in the other language's place. Screenshots go to /tmp/shots.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask, axe, DESKTOP, newPage, PHONE, settled, SHOTS, signIn, startBrowser, startServer } from './support.mjs';

let server, browser, pages;
before(async () => {
	server = await startServer();
	browser = await startBrowser();
	pages = await fill();
});
after(async () => {
	await browser?.close();
	await server?.stop();
});

/** Enough of everything that no page is empty, made through the API; then every page by account. */
async function fill() {
	const { page, context } = await newPage(browser, server);
	await signIn(page, 'supervisor');
	const get = async (path) => (await ask(page, 'GET', path)).body;
	const post = async (path, body) => (await ask(page, 'POST', path, body)).body;
	const agency = (await get('/orgs?kind=agency&q=市场监督')).items[0];
	const findings = (await get(`/findings?state=open&rule=penalty-decision-overdue&agency=${agency.id}&limit=3`)).items;
	const clue = (await post('/findings/triage', { ids: [findings[0].id], verdict: 'accept' })).clues[0];
	const call = await post('/clues', { channel: 'phone', content: '执法人员检查时没有出示证件，要求当场缴纳 200 元。', complainant: '王小明', phone: '13900001234', agency_id: agency.id });
	const matter = (await post(`/clues/${clue}/decide`, { decision: 'accept' })).matter_id;
	await post(`/matters/${matter}/actions/assign`, { assigned_title: '关于处罚决定超期的核查', assigned_text: '请核查并说明原因。' });
	await post(`/matters/${matter}/actions/start_verification`, { mode: 'daily' });
	await post(`/matters/${matter}/actions/record_verification`, { established: 'yes', kind: 'illegal_procedure', severity: 'minor', facts: '超期', evidence: '案卷', correctable: 'no', instrument_choice: 'supervision_opinion', instrument_reason: '需要纠正' });
	const instrument = (await post(`/matters/${matter}/instruments`, { kind: 'supervision_opinion', fields: {} })).id;
	await page.locator('.file-drop input[type=file]').setInputFiles({ name: '少量.csv', mimeType: 'text/csv', buffer: Buffer.from(`行政相对人名称,行政处罚决定书文号,处罚类别,处罚内容,罚款金额（万元）,处罚决定日期,处罚机关,行政相对人类别,违法行为类型,违法事实,处罚依据\n甲公司,测罚〔2026〕1号,罚款,罚款,0.1,2026-06-01,${agency.name},法人及非法人组织,甲,甲,甲\n`) });
	await page.waitForURL('**/office/imports/*');
	const imported = page.url().split('/').pop();
	const record = findings[0].record.id;
	const ticket = (await get('/records/hotline_ticket?limit=1')).items[0].id;
	const officer = (await get('/records/officer?limit=1')).items[0].id;
	const party = (await get('/records/party?limit=1')).items[0].id;
	const item = (await get('/catalog/enforcement_item?limit=1')).items[0].id;
	await context.close();
	return {
		supervisor: {
			desk: '/office/desk', clues: '/office/clues', 'clues-new': '/office/clues?new=1', clue: `/office/clues/${call.id}`, matters: '/office/matters', matter: `/office/matters/${matter}`, 'matter-timeline': `/office/matters/${matter}?tab=timeline`, instruments: '/office/instruments', instrument: `/office/instruments/${instrument}`, templates: '/office/templates',
			cases: '/office/records/penalty_case', 'case-beside': `/office/records/penalty_case?q=&open=${record}`, case: `/office/records/penalty_case/${record}`, 'case-timeline': `/office/records/penalty_case/${record}?tab=timeline`, 'case-material': `/office/records/penalty_case/${record}?tab=material`, tickets: '/office/records/hotline_ticket', ticket: `/office/records/hotline_ticket/${ticket}`, officers: '/office/records/officer', officer: `/office/records/officer/${officer}`, agencies: '/office/records/agency', parties: '/office/records/party', party: `/office/parties/${party}`, catalog: '/office/catalog/enforcement_item', tiers: '/office/catalog/discretion_tier', lenient: '/office/catalog/lenient_list', item: `/office/catalog/enforcement_item/${item}`, 'findings-import': `/office/findings?import_id=${imported}`,
			findings: '/office/findings', finding: `/office/findings/${findings[1].id}`, rules: '/office/rules', rule: '/office/rules/penalty-decision-overdue', orgs: '/office/orgs', org: `/office/orgs/${agency.id}`, imports: '/office/imports', import: `/office/imports/${imported}`, stats: '/office/stats', clock: '/office/clock?start=2026-06-01&length=30&unit=day', me: '/office/me', lost: '/office/nowhere',
		},
		leader: { 'desk-leader': '/office/desk' },
		mayor: { 'desk-government': '/office/desk', 'matters-government': '/office/matters' },
		agency: { 'desk-agency': '/office/desk', assigned: '/office/assigned', 'assigned-one': `/office/assigned/${matter}`, 'findings-agency': '/office/findings', 'cases-agency': '/office/records/penalty_case' },
		township: { 'desk-township': '/office/desk', 'clues-township': '/office/clues' },
		sysadmin: { 'accounts-system': '/office/accounts' },
		secadmin: { 'accounts-security': '/office/accounts' },
		auditor: { 'desk-auditor': '/office/desk', audit: '/office/audit' },
		nobody: { 'sign-in': '/office/sign-in', portal: '/', check: '/check?code=7K3MQ9WD', 'portal-lost': '/nowhere' },
	};
}

for (const [device, viewport] of [['desktop', DESKTOP], ['phone', PHONE]])
	for (const locale of ['zh', 'en'])
		test(`every page on a ${device} in ${locale}`, async () => {
			const wrong = [];
			for (const [who, list] of Object.entries(pages)) {
				const { page, said, context } = await newPage(browser, server, { viewport, locale });
				if (who !== 'nobody') await signIn(page, who);
				for (const [name, path] of Object.entries(list)) {
					said.length = 0;
					await page.goto(path);
					await settled(page);
					await page.waitForTimeout(120);
					await page.screenshot({ path: join(SHOTS, `${device}-${locale}-${name}.png`) });
					const problems = [...said, ...(await axe(page))];
					const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
					if (over > 1) problems.push(`wider than the screen by ${over}`);
					if (await page.locator('.problem-box').count()) problems.push(`shows a problem: ${await page.locator('.problem-box').first().innerText()}`);
					const raw = (await page.locator('body').innerText()).match(/\b(?:nav|ui|list|desk|state|clue|matter|instrument|finding|record|import|rule|value|kind|role|channel|step|orgKind|problem)\.[a-z][\w.]+/g)?.filter((key) => !/\.(csv|xlsx)$/.test(key));
					if (raw?.length && !/audit|rule|finding/.test(name)) problems.push(`names without text: ${raw.join(' ')}`);
					for (const p of problems) wrong.push(`${name}: ${p}`);
				}
				await context.close();
			}
			assert.deepEqual(wrong, []);
		});

test('the keyboard reaches search, palette and the first row', async () => {
	const { page, said } = await newPage(browser, server);
	await signIn(page, 'supervisor');
	await page.keyboard.press('/');
	assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('role')), 'combobox');
	await page.keyboard.type('超期');
	await page.locator('#search-hits [role=option]').first().waitFor();
	await page.keyboard.press('Escape');
	await page.keyboard.press('Control+k');
	await page.getByRole('dialog', { name: '快速前往' }).waitFor();
	await page.keyboard.type('监督规则');
	await page.keyboard.press('Enter');
	await page.waitForURL('**/office/rules');
	assert.deepEqual(said, []);
});

test('what one filters is the address, and the address brings it back', async () => {
	const { page, said } = await newPage(browser, server);
	await signIn(page, 'supervisor');
	await page.goto('/office/records/penalty_case');
	await settled(page);
	await page.getByPlaceholder('案号、名称、文号').fill('公司');
	await page.keyboard.press('Enter');
	await page.waitForURL(/q=/);
	await settled(page);
	const rows = await page.locator('.list-table tbody tr').count();
	const address = page.url();
	await page.goto('/office/desk');
	await page.goto(address);
	await settled(page);
	assert.equal(await page.locator('.list-table tbody tr').count(), rows);
	assert.equal(await page.getByPlaceholder('案号、名称、文号').inputValue(), '公司');
	assert.deepEqual(said, []);
});

test('the public check tells a registered document from an invented code', async () => {
	const { page, said } = await newPage(browser, server);
	await page.goto('/check?code=7K3MQ9WD');
	await page.getByText('没有找到这个核验码').waitFor();
	assert.equal(await page.getByText('核验通过').count(), 0);
	assert.deepEqual(said, []);
});

test('personal data are masked until a purpose is given, and the look is on the trail', async () => {
	const { page, said } = await newPage(browser, server);
	await signIn(page, 'supervisor');
	const clue = (await ask(page, 'GET', '/clues?channel=phone&limit=1')).body.items[0];
	await page.goto(`/office/clues/${clue.id}`);
	await settled(page);
	assert.doesNotMatch(await page.locator('main').innerText(), /13900001234/);
	await page.getByRole('button', { name: '查看联系电话' }).click();
	await page.getByLabel('用途').fill('联系反映人核实情况');
	await page.getByRole('dialog').getByRole('button', { name: '查看', exact: true }).click();
	await page.getByText('13900001234').waitFor();
	assert.deepEqual(said, []);

	const auditor = await newPage(browser, server);
	await signIn(auditor.page, 'auditor');
	const trail = (await ask(auditor.page, 'GET', '/audit?limit=20')).body.items.map((x) => `${x.action} ${x.summary}`).join('\n');
	assert.match(trail, /reveal.*联系反映人核实情况/);
});
