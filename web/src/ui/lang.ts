// Server texts that have no English stay Chinese in the English office and say so, for screen readers and fonts: v-lang on their element.
import type { Directive } from 'vue';
import { i18n } from '@/locale';

const HAN = /[\u3400-\u9fff]/;

function mark(el: HTMLElement): void {
	if (i18n.global.locale.value === 'en' && HAN.test(el.textContent ?? '')) el.lang = 'zh';
	else el.removeAttribute('lang');
}

export const vLang: Directive<HTMLElement> = { mounted: mark, updated: mark };
