// What each step of a document's life asks for, when the server's table leaves it to the page.
import type { ActionField, InstrumentDetail } from '@/api/types';

type Translate = (key: string) => string;

export function stepFields(action: string, doc: InstrumentDetail, t: Translate): ActionField[] {
	const line = (name: string, label: string, required = false): ActionField => ({ name, type: 'line', label: t(label), required, max: 160 });
	const day = (name: string, label: string, required = false): ActionField => ({ name, type: 'day', label: t(label), required });
	const text = (name: string, label: string, required = false): ActionField => ({ name, type: 'text', label: t(label), required, max: 1000 });
	switch (action) {
		case 'approve':
			return [text('opinion', 'instrument.opinion'), ...(doc.kind === 'supervision_decision' ? [line('gov_approval_no', 'instrument.govNo', true), day('gov_approved_on', 'instrument.govOn', true)] : [])];
		case 'return':
			return [text('opinion', 'instrument.returnReason', true)];
		case 'number':
			return [{ ...line('number', 'instrument.numberOwn'), hint: t('instrument.numberHint') }, day('issued_on', 'instrument.issuedOn')];
		case 'seal':
			return [{ name: 'file_id', type: 'file', label: t('instrument.sealedCopy'), required: true, hint: t('instrument.sealedHint') }];
		case 'serve':
			return [day('served_on', 'instrument.servedOn'), line('served_to', 'instrument.servedTo', true), { name: 'served_how', type: 'line', label: t('instrument.servedHow'), required: true, one_of: ['直接送达', '电子送达', '邮寄送达', '转交送达'].map((v) => ({ value: v, label: { zh: v, en: { 直接送达: 'Direct', 电子送达: 'Electronic', 邮寄送达: 'Post', 转交送达: 'Through others' }[v] ?? v } })) }];
		case 'void':
			return [text('reason', 'ui.reason', true)];
		default:
			return [];
	}
}
