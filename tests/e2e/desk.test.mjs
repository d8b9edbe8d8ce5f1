// A fresh demo store is a desk at work: every account finds something on its first page, and the catalogue answers for any day.
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

test('every account with work of its own finds it on its first page', async () => {
	const expected = { supervisor: /超期 \d+ 天[\s\S]*延期申请/, leader: /文书审批/, mayor: /处理建议/, agency: /农贸市场计量器具监督检查[\s\S]*超期/, township: /请走访辖区沿街经营户/ };
	for (const [account, words] of Object.entries(expected)) {
		const { page, said, context } = await newPage(browser, server);
		await signIn(page, account);
		assert.match(await page.locator('.todo-card').innerText(), words, account);
		await page.screenshot({ path: join(SHOTS, `seeded-${account}.png`) });
		assert.deepEqual(said, []);
		await context.close();
	}
});

test('matters stand in each of the five steps, one is closed, and the agency is told of no complaint', async () => {
	const { page, said } = await newPage(browser, server);
	await signIn(page, 'supervisor');
	const matters = (await ask(page, 'GET', '/matters')).body.items;
	for (const step of ['analysis', 'verification', 'supervision', 'rectification', 'feedback', 'closed']) assert.ok(matters.some((m) => m.step === step), step);
	const sealed = matters.find((m) => m.sealed);
	const agency = await newPage(browser, server, { expects: [/status of 404/] });
	await signIn(agency.page, 'agency');
	assert.equal((await ask(agency.page, 'GET', `/assigned/${sealed.id}`)).status, 404);
	await agency.page.goto('/office/assigned');
	await settled(agency.page);
	assert.match(await agency.page.locator('.list-table').innerText(), /超期 \d+ 天/, 'until when an answer is due');
	assert.doesNotMatch(await agency.page.locator('main').innerText(), /来电|热线/);
	assert.deepEqual([...said, ...agency.said], []);
});

test('an item is shown as it was in force, and a fine in the tier of that day', async () => {
	const { page, said } = await newPage(browser, server);
	await signIn(page, 'supervisor');
	await page.goto('/office/catalog/enforcement_item');
	await settled(page);
	const items = (await ask(page, 'GET', '/catalog/enforcement_item?limit=50')).body.items;
	let item = null;
	for (const i of items) {
		const one = (await ask(page, 'GET', `/catalog/enforcement_item/${i.id}`)).body;
		if (one.tiers.some((x) => x.version.in_force && x.values.fine_max) && one.periods.length) item = one;
		if (item) break;
	}
	assert.ok(item, 'an item with tiers and versions');
	const tier = item.tiers.find((x) => x.version.in_force && x.values.fine_max);
	await page.getByRole('link', { name: item.values.name }).first().click();
	await page.waitForURL('**/office/catalog/enforcement_item/*');
	await page.goto(`/office/catalog/enforcement_item/${item.id}`);
	await settled(page);
	await page.getByLabel('罚款（元）').fill(String(tier.values.fine_max / 100));
	await page.getByText(new RegExp(`落在：.*${tier.values.name}`)).waitFor();
	await page.screenshot({ path: join(SHOTS, 'catalog-item.png') });
	await page.getByLabel('罚款（元）').fill('99999999');
	await page.getByText('不在任何一档的幅度内').waitFor();
	await page.goto(`/office/catalog/enforcement_item/${item.id}?as_of=1990-01-01`);
	await settled(page);
	await page.getByText('当日没有施行').first().waitFor();
	assert.deepEqual(said, []);
});

test('an enterprise is found by its code, and its page says who fined it and how its matters were reached', async () => {
	const { page, said } = await newPage(browser, server);
	await signIn(page, 'supervisor');
	const cases = (await ask(page, 'GET', '/findings?state=accepted&type=penalty_case&limit=20')).body.items;
	let party = null;
	for (const c of cases) {
		const values = (await ask(page, 'GET', `/records/penalty_case/${c.record.id}`)).body.values;
		if (!values.party_code || values.party_code.includes('*')) continue;
		party = (await ask(page, 'GET', `/parties?code=${values.party_code}`)).body.items[0];
		if (party) break;
	}
	assert.ok(party, 'a case in a matter has an enterprise');
	await page.goto(`/office/parties/${party.id}`);
	await page.getByRole('heading', { name: '各机关处罚情况' }).waitFor();
	await settled(page);
	const text = await page.locator('main').innerText();
	assert.match(text, /各机关处罚情况/);
	assert.match(text, /记录检出的问题/);
	await page.screenshot({ path: join(SHOTS, 'party.png'), fullPage: true });
	assert.deepEqual(said, []);
});
