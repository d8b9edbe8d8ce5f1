// The left side: only what exists, only what this person's duty opens.
import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import type { RouteLocationRaw } from 'vue-router';
import type { RecordType, Role } from '@/api/types';
import { types } from '@/features/record/types';
import { labelOf } from '@/ui/format';
import { BODY, EVERYONE, has, OFFICE } from './session';

export interface NavItem { key: string; label: string; icon: string; to: RouteLocationRaw; match: string; children?: undefined }
export interface NavGroup { key: string; label: string; icon: string; children: Omit<NavItem, 'icon' | 'children'>[] }

export function useNav() {
	const { t, locale } = useI18n();
	return computed<(NavItem | NavGroup)[]>(() => {
		const items: (NavItem | NavGroup)[] = [];
		const item = (roles: Role[], key: string, icon: string, path: string) => {
			if (has(...roles)) items.push({ key, label: t(`nav.${key}`), icon, to: path, match: path });
		};
		const group = (key: string, icon: string, children: ([Role[], string, string] | RecordType)[]) => {
			const made: NavGroup['children'] = [];
			for (const c of children) {
				if (Array.isArray(c)) {
					if (has(...c[0])) made.push({ key: c[1], label: t(`nav.${c[1]}`), to: c[2], match: c[2] });
				} else made.push({ key: c.type, label: labelOf(c.label, locale.value), to: `/records/${c.type}`, match: `/records/${c.type}` });
			}
			if (made.length) items.push({ key, label: t(`nav.${key}`), icon, children: made });
		};
		const readers: Role[] = [...BODY, 'liaison', 'township'];
		const mayRead = has(...readers);
		const ofKind = (names: string[]) => (mayRead ? (types.value ?? []).filter((x) => names.includes(x.type) && !(x.sealed && has('liaison'))) : []);
		// What people open daily stands in the menu; everything else is one page away.
		const DAILY = ['penalty_case', 'inspection', 'coercive_measure', 'licence', 'hotline_ticket'];
		item(EVERYONE, 'desk', 'desk', '/desk');
		item(['liaison'], 'assigned', 'matter', '/assigned');
		item([...BODY, 'township'], 'clues', 'clue', '/clues');
		item(OFFICE, 'matters', 'matter', '/matters');
		item(OFFICE, 'instruments', 'instrument', '/instruments');
		group('data', 'data', [...DAILY.flatMap((name) => ofKind([name])), ...(mayRead ? [[readers, 'allData', '/data'] as [Role[], string, string]] : [])]);
		group('models', 'rule', [[BODY, 'rules', '/rules'], [BODY, 'revisions', '/revisions'], [[...BODY, 'liaison'], 'findings', '/findings'], [BODY, 'contests', '/contests']]);
		group('people', 'org', [[[...BODY, 'gov_approver', 'township', 'sysadmin', 'secadmin'], 'orgs', '/orgs'], ...ofKind(['agency', 'officer'])]);
		if (has(...readers)) items.push({ key: 'catalog', label: t('nav.catalog'), icon: 'rule', to: '/catalog/enforcement_item', match: '/catalog' });
		if (has(...BODY)) items.push({ key: 'parties', label: t('nav.parties'), icon: 'party', to: '/records/party', match: '/records/party' });
		item([...BODY, 'township'], 'imports', 'import', '/imports');
		item(BODY, 'stats', 'stats', '/stats');
		item(EVERYONE, 'clock', 'clock', '/clock');
		group('system', 'system', [[['auditor', 'secadmin'], 'audit', '/audit'], [['sysadmin', 'secadmin'], 'accounts', '/accounts'], [BODY, 'templates', '/templates']]);
		return items;
	});
}
