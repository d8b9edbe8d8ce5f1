// What the Regulation forbids is shown with its article before anybody tries, and refused with its article when somebody does.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask, newPage, settled, SHOTS, signIn, startBrowser, startServer } from './support.mjs';

let server, browser;
before(async () => {
	server = await startServer();
	browser = await startBrowser();
});
after(async () => {
	await browser?.close();
	await server?.stop();
});
const refusal = [/status of 40[349]/, /status of 422/];

async function openMatter(page) {
	const finding = (await ask(page, 'GET', '/findings?state=open&rule=penalty-decision-overdue&limit=1')).body.items[0];
	const clue = (await ask(page, 'POST', '/findings/triage', { ids: [finding.id], verdict: 'accept' })).body.clues[0];
	return (await ask(page, 'POST', `/clues/${clue}/decide`, { decision: 'accept' })).body.matter_id;
}

test('before verification the page forbids an opinion and names article 28; the server refuses it with the same article', async () => {
	const { page, said } = await newPage(browser, server, { expects: refusal });
	await signIn(page, 'supervisor');
	const id = await openMatter(page);
	await ask(page, 'POST', `/matters/${id}/actions/start_verification`, { mode: 'daily' });
	await page.goto(`/office/matters/${id}`);
	await settled(page);

	const forbidden = page.locator('.forbidden li', { hasText: '起草意见书' });
	assert.match(await forbidden.innerText(), /《行政执法监督条例》第28条/);
	assert.equal(await page.locator('aside.next').getByRole('button', { name: '起草意见书' }).count(), 0);
	await page.screenshot({ path: join(SHOTS, 'forbidden.png'), fullPage: true });
	const refused = await ask(page, 'POST', `/matters/${id}/instruments`, { kind: 'supervision_opinion', fields: {} });
	assert.equal(refused.status, 409);
	assert.match(JSON.stringify(refused.body), /28/);
	assert.deepEqual(said, []);
});

test('an illegal decision gets no urging letter, a supervision body no decision of its own: articles 27 and 29', async () => {
	const { page, said } = await newPage(browser, server, { expects: refusal });
	await signIn(page, 'supervisor');
	const id = await openMatter(page);
	await ask(page, 'POST', `/matters/${id}/actions/start_verification`, { mode: 'daily' });
	await ask(page, 'POST', `/matters/${id}/actions/record_verification`, { established: 'yes', kind: 'illegal_procedure', severity: 'minor', facts: '超期', evidence: '案卷', correctable: 'no', instrument_choice: 'supervision_opinion', instrument_reason: '需要纠正' });
	await page.goto(`/office/matters/${id}`);
	await settled(page);

	assert.match(await page.locator('.forbidden li', { hasText: '起草督办函' }).innerText(), /第27条/);
	assert.match(await page.locator('.forbidden li', { hasText: '起草决定书' }).innerText(), /第2[69]条/);
	const refused = await ask(page, 'POST', `/matters/${id}/instruments`, { kind: 'urging_letter', fields: {} });
	assert.equal(refused.status, 409);
	assert.match(JSON.stringify(refused.body), /27/);
	assert.deepEqual(said, []);
});

test('in reconsideration everything stops, and the page says why: article 33(3)', async () => {
	const { page, said } = await newPage(browser, server, { expects: refusal });
	await signIn(page, 'supervisor');
	const id = await openMatter(page);
	await ask(page, 'POST', `/matters/${id}/actions/record_proceedings`, { proceedings_kind: 'reconsideration', organ: '市人民政府', case_no: '复〔2026〕9号', on: '2026-06-20' });
	await page.goto(`/office/matters/${id}`);
	await settled(page);

	assert.match(await page.locator('.page-head').innerText(), /已中止/);
	assert.match(await page.locator('aside.next').innerText(), /第33条第3款/);
	assert.deepEqual(said, []);
});

test('a page outside one’s duty is not opened: the agency sees no clues, the auditor no matters', async () => {
	for (const [who, path] of [['agency', '/office/clues'], ['agency', '/office/matters'], ['auditor', '/office/matters'], ['township', '/office/instruments']]) {
		const { page, said, context } = await newPage(browser, server);
		await signIn(page, who);
		await page.goto(path);
		await page.getByText('您的职责不包含这一页').waitFor();
		assert.deepEqual(said, [], `${who} ${path}`);
		await context.close();
	}
});
