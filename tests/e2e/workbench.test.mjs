// A rule is written, tried and switched on by a second person; an agency objects to a finding and is answered.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask, axe, newPage, PHONE, settled, SHOTS, signIn, startBrowser, startServer } from './support.mjs';

let server, browser;
before(async () => {
	server = await startServer();
	browser = await startBrowser();
});
after(async () => {
	await browser?.close();
	await server?.stop();
});

/** Replaces the whole text as a person would: select all, paste. */
async function write(page, text) {
	await page.locator('.cm-content').click();
	await page.keyboard.press('Control+A');
	await page.keyboard.insertText(text);
}
const textOf = (page) => page.locator('.rule-editor').evaluate((host) => [...host.shadowRoot.querySelectorAll('.cm-line')].map((l) => l.textContent).join('\n'));

test('a mistake is told with its line and the nearest word, and nothing can be proposed', async () => {
	const { page, said } = await newPage(browser, server);
	await signIn(page, 'supervisor');
	await page.goto('/office/workbench');
	await page.locator('.cm-content').waitFor();
	const text = await textOf(page);

	await write(page, text.replace('when: fine > limit', 'when: fien > limit'));

	await page.locator('.problems li', { hasText: '是否想写 fine' }).waitFor();
	assert.equal(await page.getByRole('button', { name: '提请批准' }).isDisabled(), true);
	await page.locator('.problems .linkish').first().click();
	await page.screenshot({ path: join(SHOTS, 'workbench-mistake.png') });
	assert.deepEqual(await axe(page), []);
	assert.deepEqual(said, []);
});

test('a rule is tried on all records, proposed, approved by somebody else, and finds', async () => {
	const author = await newPage(browser, server, { expects: [/status of 403/] });
	await signIn(author.page, 'supervisor');
	await author.page.goto('/office/workbench');
	await author.page.locator('.counts b').first().waitFor();
	const hits = Number((await author.page.locator('.counts li', { hasText: '命中' }).first().locator('b').innerText()).replaceAll(',', ''));
	assert.ok(hits > 0);
	await author.page.getByRole('textbox', { name: '修订说明' }).fill('筛查大额罚款');
	await author.page.getByRole('button', { name: '提请批准' }).click();
	await author.page.waitForURL(/workbench\/\d+/);
	await author.page.locator('.state-tag', { hasText: '待批准' }).waitFor();
	const id = /workbench\/(\d+)/.exec(author.page.url())[1];
	assert.equal(await author.page.getByRole('button', { name: '批准启用' }).count(), 0);
	assert.equal((await ask(author.page, 'POST', `/rule-revisions/${id}/decide`, { approve: true, reason: '自己批准' })).status, 403);
	await author.page.screenshot({ path: join(SHOTS, 'workbench-proposed.png'), fullPage: true });

	const leader = await newPage(browser, server);
	await signIn(leader.page, 'leader');
	await leader.page.goto('/office/revisions?state=proposed');
	await leader.page.locator('tbody a').first().click();
	await leader.page.getByRole('button', { name: '批准启用' }).click();
	await leader.page.getByRole('textbox', { name: '理由' }).fill('口径清楚，同意试行');
	await leader.page.getByRole('dialog').getByRole('button', { name: '确定' }).click();
	await leader.page.locator('.state-tag', { hasText: '已启用' }).waitFor();
	let rule;
	for (let tries = 0; tries < 100 && !rule?.counts; tries++) {
		await leader.page.waitForTimeout(200);
		rule = (await ask(leader.page, 'GET', '/rules/my-rule')).body;
	}
	assert.equal(rule.counts.hit, hits);
	await leader.page.goto('/office/rules/my-rule');
	await settled(leader.page);
	await leader.page.screenshot({ path: join(SHOTS, 'workbench-rule.png'), fullPage: true });
	assert.deepEqual(await axe(leader.page), []);
	assert.deepEqual([...author.said, ...leader.said], []);
});

test('an agency objects to a finding with its reason; the supervisor upholds it; the rule counts it', async () => {
	const agency = await newPage(browser, server, { viewport: PHONE });
	await signIn(agency.page, 'agency');
	const finding = (await ask(agency.page, 'GET', '/findings?state=open&limit=1')).body.items[0];
	await agency.page.goto(`/office/findings/${finding.id}`);
	await settled(agency.page);
	await agency.page.getByRole('button', { name: '提出异议' }).click();
	await agency.page.getByRole('textbox', { name: '异议理由' }).fill('已依法延长办案期限，批准文书见案卷');
	await agency.page.getByRole('button', { name: '提出异议' }).click();
	await agency.page.locator('.reply', { hasText: '待答复' }).waitFor();
	await agency.page.screenshot({ path: join(SHOTS, 'contest-phone.png'), fullPage: true });

	const { page, said } = await newPage(browser, server);
	await signIn(page, 'supervisor');
	await page.goto('/office/contests');
	await page.locator('tbody a').first().click();
	await page.getByRole('button', { name: '答复', exact: true }).click();
	await page.getByRole('textbox', { name: '答复理由' }).fill('核对批准文书，异议成立');
	await page.getByRole('button', { name: '异议成立' }).click();
	await page.locator('.reply .state-tag', { hasText: /^成立$/ }).waitFor();
	await page.screenshot({ path: join(SHOTS, 'contest-answered.png'), fullPage: true });

	const rule = (await ask(page, 'GET', `/rules/${finding.rule.id}`)).body;
	assert.equal(rule.contests.upheld, 1);
	assert.equal(rule.verdicts.false_positive, 1);
	assert.deepEqual([...agency.said, ...said], []);
});
