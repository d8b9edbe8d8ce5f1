// The portal's words, both languages; small enough to travel together.
import { createI18n } from 'vue-i18n';

const zh = {
	product: '獬豸', long: '行政执法协调监督', service: '公众服务', language: 'English', demo: '演示数据', skip: '跳到正文', office: '工作人员登录',
	nav: { home: '首页', check: '文书核验' },
	home: {
		title: '行政执法协调监督平台',
		lead: '本平台由{bureau}使用，用来依法监督行政执法：核查执法记录，督促纠正不作为、违法和明显不当的行为。',
		someBureau: '司法行政部门',
		checkTitle: '核验一份监督文书', checkText: '输入文书上的核验码或者扫描二维码，核对文号、制发机关、日期和校验值。', checkGo: '去核验', checkOff: '文书核验尚未开通。收到文书有疑问的，请与落款单位联系。',
		whatTitle: '这是什么', what1: '行政执法监督是行政系统内部的监督，依据《行政执法监督条例》（国务院令第825号，2026年2月1日起施行）进行。', what2: '监督机构发现问题后，先核查，再依法制发督办函、意见书；重大问题或者未落实的，报请本级人民政府制发决定书。', what3: '监督不代替执法，也不代替行政复议和行政诉讼。对行政处罚等决定不服的，可以依法申请行政复议或者提起行政诉讼。',
		typesTitle: '三种法定监督文书', t1: '督办函', t1d: '督促执法机关履行应当履行而未履行的职责', t2: '意见书', t2d: '就已经查明的违法或者明显不当提出纠正意见', t3: '决定书', t3d: '由本级人民政府制发，适用于重大问题或者逾期未落实',
	},
	check: { title: '文书核验', lead: '核验码印在文书二维码旁边。核验只显示文号、制发机关、日期和校验值，不显示内容。', code: '核验码', go: '核验', found: '核验通过：系统中有这份文书', no: '文号', issuer: '制发机关', on: '成文日期', kind: '文种', hash: '盖章件校验值（SM3）', hint: '请将以上各项与手中的文书逐项核对；不一致的，请与制发机关联系。', none: '没有找到这个核验码。请检查是否输错；确认无误仍查不到的，请与落款单位联系。', off: '文书核验尚未开通。', offline: '暂时无法连接，请稍后再试。', required: '请输入核验码', state: '状态', busy: '正在核验…' },
	lost: { title: '没有这个页面', back: '回到首页' },
};
type Text = typeof zh;
const en: Text = {
	product: 'Xiezhi', long: 'Supervision of administrative law enforcement', service: 'Public services', language: '中文', demo: 'Demo data', skip: 'Skip to content', office: 'Staff sign-in',
	nav: { home: 'Home', check: 'Check a document' },
	home: {
		title: 'Coordination and supervision of administrative law enforcement',
		lead: 'This platform is used by {bureau} to supervise administrative law enforcement: it checks enforcement records and has inaction, illegal and obviously improper acts corrected.',
		someBureau: 'the judicial administration department',
		checkTitle: 'Check a supervision document', checkText: 'Enter the code printed on the document, or scan its QR code, to compare number, issuer, date and checksum.', checkGo: 'Check', checkOff: 'The document check is not switched on. If in doubt about a document, contact the office that signed it.',
		whatTitle: 'What this is', what1: 'Supervision of administrative law enforcement takes place inside the administration, under the Regulation on Supervision of Administrative Law Enforcement (State Council Order 825, in force from 1 February 2026).', what2: 'When a supervision body finds a problem it verifies first, then issues an urging letter or an opinion; for major or unheeded problems it asks the government of its level for a decision.', what3: 'Supervision replaces neither enforcement nor reconsideration and litigation. Whoever disagrees with a penalty may apply for administrative reconsideration or go to court.',
		typesTitle: 'The three statutory documents', t1: 'Urging letter', t1d: 'urges an agency to perform a duty it has not performed', t2: 'Opinion', t2d: 'asks for correction of an illegal or obviously improper act that has been established', t3: 'Decision', t3d: 'issued by the government of the level, for major problems or when earlier documents were not heeded',
	},
	check: { title: 'Check a document', lead: 'The code stands beside the QR code. The check shows number, issuer, date and checksum only, never the content.', code: 'Check code', go: 'Check', found: 'Verified: this document is registered', no: 'Number', issuer: 'Issuer', on: 'Date', kind: 'Kind', hash: 'Checksum of the sealed copy (SM3)', hint: 'Compare each item with the document in your hands. If something differs, contact the issuer.', none: 'This code was not found. Check your typing; if it is right, contact the office that signed the document.', off: 'The document check is not switched on.', offline: 'No connection. Please try again later.', required: 'Enter the code', state: 'State', busy: 'Checking…' },
	lost: { title: 'There is no such page', back: 'Back to the start' },
};

export const portalI18n = createI18n({ legacy: false, locale: 'zh' as string, fallbackLocale: 'zh', messages: { zh, en } as Record<string, Text> });

const STORAGE = 'xz.locale';
export function choose(name: 'zh' | 'en'): void {
	portalI18n.global.locale.value = name;
	document.documentElement.lang = name === 'en' ? 'en' : 'zh-CN';
	try {
		localStorage.setItem(STORAGE, name);
	} catch {
		// for this visit only
	}
}
export function restore(): void {
	try {
		if (localStorage.getItem(STORAGE) === 'en') choose('en');
	} catch {
		// Chinese
	}
}
