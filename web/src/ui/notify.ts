// Short notices. A refusal names the article that forbids; longer ones stay until closed.
import { ElMessage } from 'element-plus/es/components/message/index.mjs';
import 'element-plus/es/components/message/style/css';
import { i18n } from '@/locale';
import { asProblem } from './useLoad';

export function done(text: string): void {
	ElMessage({ type: 'success', message: text, grouping: true, plain: true, offset: 58 });
}

export function failed(cause: unknown): void {
	const p = asProblem(cause);
	const t = i18n.global.t;
	const base = p.status === 0 && p.title === 'network' ? t('ui.offline') : p.detail || p.title;
	const article = p.article && !base.includes(p.article) ? `（${p.article}）` : '';
	ElMessage({ type: 'error', message: base + article, duration: 8000, showClose: true, grouping: true, plain: true });
}

export function warn(text: string): void {
	ElMessage({ type: 'warning', message: text, duration: 6000, showClose: true, grouping: true, plain: true });
}
