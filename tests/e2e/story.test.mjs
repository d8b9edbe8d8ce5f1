// The whole way, as people walk it: a sheet is dropped, a finding becomes a clue, the clue a matter, the matter an opinion of the bureau's
// own form, the agency answers, the correction is checked, the matter closed, the leader briefed, the trail verified.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask, newPage, ROOT, settled, SHOTS, signIn, startBrowser, startServer } from './support.mjs';

let server, browser;
before(async () => {
	server = await startServer();
	browser = await startBrowser();
});
after(async () => {
	await browser?.close();
	await server?.stop();
});

const RULE = 'penalty-decision-overdue';
const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');

/** The project's example sheet with the demo county's agency in it, so that its rows find their agency. */
async function sheetFor(page) {
	const agency = (await ask(page, 'GET', '/orgs?kind=agency&q=市场监督')).body.items[0];
	const text = readFileSync(join(ROOT, 'examples/双公示-行政处罚.csv'), 'utf8').replace(/云台市(?:市场监督管理局|生态环境局),\w{18}/g, `${agency.name},${agency.code}`);
	return { agency, file: { name: '双公示2026.csv', mimeType: 'text/csv', buffer: Buffer.from(text, 'utf8') } };
}
const button = (page, name) => page.getByRole('button', { name, exact: true });
const dialog = (page) => page.getByRole('dialog').filter({ visible: true }).last();
/** The dialog goes away, or says what is wrong: then the test says it too. */
async function closed(box) {
	await Promise.race([box.waitFor({ state: 'hidden' }), box.locator('.problem-box, .field-error').first().waitFor().then(async () => Promise.reject(new Error(await box.innerText())))]);
}
/** A select of Element Plus: its placeholder lies over the input, hence the force. */
async function choose(page, select, option) {
	await select.click({ force: true });
	await page.getByRole('option', { name: option }).click();
	const list = page.getByRole('option').first();
	// A list that a late focus opened again goes away like for a person: by a click beside it.
	if (!(await list.waitFor({ state: 'hidden', timeout: 3000 }).then(() => true, () => false))) await ((await dialog(page).count()) ? dialog(page).locator('.el-dialog__title') : page.locator('h1').first()).click();
	await list.waitFor({ state: 'hidden' });
}
const radio = (box, name) => box.locator('label.el-radio').filter({ hasText: new RegExp(`^\\s*${name}\\s*$`) }).click();
async function act(page, name, fill) {
	const direct = page.locator('aside.next').getByRole('button', { name, exact: true });
	if (!(await direct.isVisible())) await page.locator('.next details', { hasText: '更多操作' }).locator('summary').click();
	await direct.click();
	const box = dialog(page);
	await fill?.(box);
	await box.getByRole('button', { name, exact: true }).click();
	await closed(box);
	await settled(page);
}

test('from a dropped sheet to a closed matter, with three accounts', async () => {
	const { page, said } = await newPage(browser, server);
	await signIn(page, 'supervisor');
	const { agency, file } = await sheetFor(page);

	// ---- the sheet ----
	await page.locator('.file-drop input[type=file]').setInputFiles(file);
	await page.waitForURL('**/office/imports/*');
	await settled(page);
	await page.getByText('识别结果').waitFor();
	assert.match(await page.locator('main').innerText(), /双公示/);
	await page.screenshot({ path: join(SHOTS, 'story-1-mapping.png') });
	await button(page, '开始导入').click();
	await page.getByText('导入结果').waitFor();
	await page.locator('.problem-group').first().waitFor();
	const result = await page.locator('main').innerText();
	assert.match(result, /58\s*新增/);
	assert.match(result, /2\s*退回/);
	assert.match(result, /9\.1\d*E\+17|9\.13309E\+17/i, 'the spoiled credit code is explained');
	assert.match(result, new RegExp(`${agency.name}`));
	assert.match(result, /《行政处罚法》第60条/);
	await page.screenshot({ path: join(SHOTS, 'story-2-imported.png') });

	// ---- finding → clue ----
	const overdue = page.locator('.problem-group', { hasText: agency.name }).getByRole('link', { name: /超期/ }).first();
	await overdue.click();
	await page.waitForURL(/\/office\/findings\?.*import_id=/);
	await settled(page);
	assert.match(await page.locator('.filter-bar').innerText(), /双公示2026\.csv/, 'the list says which file it is narrowed to');
	await page.locator('.list-table tbody tr').first().locator('.el-checkbox').click();
	await page.locator('.triage-bar').getByRole('button', { name: '采纳为线索', exact: true }).click();
	await dialog(page).getByRole('button', { name: '确定' }).click();
	await page.waitForURL('**/office/clues/*');
	await settled(page);
	await page.screenshot({ path: join(SHOTS, 'story-3-clue.png') });

	// ---- clue → matter ----
	await button(page, '采纳，转为监督事项').click();
	await dialog(page).getByRole('button', { name: '确定' }).click();
	await page.waitForURL('**/office/matters/*');
	await settled(page);
	const matterUrl = page.url();

	await act(page, '填写交办内容', async (box) => {
		await box.getByLabel('交办标题').fill('关于普通程序处罚决定超期的核查');
		await box.getByLabel('交办内容').fill('请核查所附案件的办理期限，说明原因并纠正。');
	});
	await act(page, '启动核实', (box) => radio(box, '日常监督'));
	await act(page, '记录核实结论', async (box) => {
		await radio(box, '属实');
		await choose(page, box.getByRole('combobox', { name: '问题类别' }), '程序违法');
		await radio(box, '一般');
		await box.getByLabel('查明的事实').fill('普通程序案件自立案之日起第 143 日作出决定，没有批准延长的记录。');
		await box.getByLabel('证据').fill('案卷一册');
		await radio(box, '不能');
		await radio(box, '意见书');
		await box.getByLabel('用或者不用文书的理由').fill('程序违法，需要纠正');
	});
	await page.screenshot({ path: join(SHOTS, 'story-4-matter.png'), fullPage: true });

	// ---- the bureau's own form ----
	await page.goto('/office/templates');
	await settled(page);
	await page.locator('.file-drop input[type=file]').setInputFiles(join(ROOT, 'examples/templates/supervision_opinion.docx'));
	await page.getByText('已上传 supervision_opinion.docx').waitFor();
	await page.locator('main table').getByText('supervision_opinion').waitFor();

	// ---- 意见书 ----
	await page.goto(matterUrl);
	await settled(page);
	await act(page, '起草意见书');
	await page.waitForURL('**/office/instruments/*');
	await settled(page);
	const instrumentUrl = page.url();
	await choose(page, page.getByRole('combobox', { name: '模板' }), /supervision_opinion/);
	await settled(page);
	await page.getByLabel('线索来源和查明经过').fill('我局在日常监督中，对行政处罚公示数据进行比对后调阅案卷核查。');
	await page.getByLabel('查明的事实').fill('普通程序案件自立案之日起第 143 日作出决定，超过九十日，没有批准延长的记录。');
	await page.getByRole('group', { name: '证据目录' }).getByRole('button', { name: '添加一项' }).click();
	await page.getByLabel('证据名称 1').fill('案卷');
	await page.getByLabel('来源 1').fill('调阅');
	await page.getByLabel('证明内容 1').fill('办理历时');
	await page.getByRole('group', { name: '存在的问题' }).getByRole('button', { name: '添加一项' }).click();
	await page.getByLabel('问题 1', { exact: true }).fill('作出处罚决定超过法定期限');
	await page.getByLabel(/违反的规定.* 1/).fill('《行政处罚法》第六十条');
	await page.getByRole('group', { name: '纠正要求' }).getByRole('button', { name: '添加一项' }).click();
	await page.getByLabel('纠正要求 1').fill('逐案说明超期原因，完善期限审批和提醒。');
	await page.getByLabel('联系人和电话').fill('陈波龙 0000-0000000');
	await page.getByText(/已保存/).waitFor();
	await page.locator('.pdf-view canvas').first().waitFor();
	await page.screenshot({ path: join(SHOTS, 'story-5-opinion.png') });
	const [docx] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'DOCX' }).click()]);
	assert.match(docx.suggestedFilename(), /\.docx$/);
	await step(page, '提交审批');

	// ---- the leader approves ----
	const leader = await newPage(browser, server);
	await signIn(leader.page, 'leader');
	await leader.page.locator('.todo-card').getByRole('link', { name: new RegExp(`意见书.*${agency.name}`) }).first().click();
	await leader.page.waitForURL('**/office/instruments/*');
	await settled(leader.page);
	await step(leader.page, '批准', (box) => box.getByLabel('意见').fill('同意'));
	assert.deepEqual(leader.said, []);

	// ---- number, seal, serve ----
	await page.goto(instrumentUrl);
	await settled(page);
	await step(page, '编号');
	await page.getByText(/执监意〔2026〕\d+号/).first().waitFor();
	await step(page, '附盖章件', async (box) => {
		await box.locator('input[type=file]').setInputFiles({ name: '意见书盖章件.pdf', mimeType: 'application/pdf', buffer: PDF });
		await box.locator('.file-list').getByText('意见书盖章件.pdf').waitFor();
	});
	await step(page, '登记送达', async (box) => {
		await box.getByLabel('签收人').fill('夏平杰');
		await radio(box, '电子送达');
	});
	await page.screenshot({ path: join(SHOTS, 'story-6-served.png') });

	// ---- the agency answers, and sees nothing but what was written for it ----
	const agencySide = await newPage(browser, server);
	await signIn(agencySide.page, 'agency');
	await agencySide.page.locator('.todo-card').getByRole('link', { name: /关于普通程序处罚决定超期的核查/ }).first().click();
	await agencySide.page.waitForURL('**/office/assigned/*');
	await agencySide.page.getByText('交办内容').waitFor();
	await settled(agencySide.page);
	const seen = await agencySide.page.locator('main').innerText();
	assert.match(seen, /请核查所附案件的办理期限/);
	assert.match(seen, /意见书盖章件\.pdf/);
	assert.doesNotMatch(seen, /JD-线/);
	await agencySide.page.screenshot({ path: join(SHOTS, 'story-7-assigned.png') });
	await agencySide.page.getByRole('button', { name: '回复', exact: true }).click();
	const box = dialog(agencySide.page);
	await box.getByRole('textbox', { name: '纠正情况' }).first().fill('已逐案说明原因，建立期限提醒制度。');
	await box.locator('input[type=file]').setInputFiles({ name: '整改报告.pdf', mimeType: 'application/pdf', buffer: PDF });
	await box.locator('.file-list').getByText('整改报告.pdf').waitFor();
	await box.getByRole('button', { name: '提交回复' }).click();
	await box.waitFor({ state: 'hidden' });
	await agencySide.page.getByText('已逐案说明原因').waitFor();
	assert.deepEqual(agencySide.said, []);

	// ---- verified, fed back, closed ----
	await page.goto(matterUrl);
	await settled(page);
	await act(page, '核验整改', async (box2) => {
		assert.match(await box2.locator('textarea').first().inputValue(), /逐案说明超期原因/);
		await box2.getByLabel('核验方式和情况').fill('调阅整改材料，抽查 3 件，均已改正。');
	});
	await act(page, '记录反馈', async (box2) => {
		await box2.getByLabel('反馈对象、方式和内容').fill('监督规则发现的线索，办理结果记入台账。');
	});
	await act(page, '结案', (box2) => box2.getByLabel('结案意见').fill('整改已核验，结案。'));
	await page.locator('.page-head').getByText('已结案').waitFor();
	await page.goto(`${matterUrl}?tab=timeline`);
	await settled(page);
	await page.screenshot({ path: join(SHOTS, 'story-8-closed.png'), fullPage: true });

	// ---- the leader's page ----
	await page.goto('/office/records/penalty_case');
	await settled(page);
	await button(page, '一页简报').click();
	await dialog(page).getByRole('button', { name: '一页简报' }).click();
	const [brief] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /下载简报/ }).click()]);
	assert.match(brief.suggestedFilename(), /\.docx$/);
	assert.deepEqual(said, []);

	// ---- the trail holds ----
	const auditor = await newPage(browser, server);
	await signIn(auditor.page, 'auditor');
	await auditor.page.goto('/office/audit');
	await settled(auditor.page);
	await auditor.page.getByRole('button', { name: '核验留痕链' }).click();
	await auditor.page.getByText(/留痕链完整/).waitFor();
	assert.deepEqual(auditor.said, []);
});

async function step(page, name, fill) {
	await page.locator('.page-head').getByRole('button', { name, exact: true }).click();
	const box = dialog(page);
	await fill?.(box);
	await box.getByRole('button', { name, exact: true }).click();
	await closed(box);
	await settled(page);
}
