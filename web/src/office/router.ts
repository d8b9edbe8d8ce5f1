// Every page, who may open it, and where its title comes from.
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';
import type { Role } from '@/api/types';
import { i18n } from '@/locale';
import { account, BODY, EVERYONE, has, OFFICE, session } from './session';

declare module 'vue-router' {
	interface RouteMeta {
		title?: string; // message key
		roles?: Role[]; // absent: anybody
	}
}

const routes: RouteRecordRaw[] = [
	{ path: '/sign-in', name: 'signIn', component: () => import('@/features/auth/SignIn.vue'), meta: { title: 'signIn.title' } },
	{ path: '/', redirect: '/desk' },
	{ path: '/desk', name: 'desk', component: () => import('@/features/desk/Desk.vue'), meta: { title: 'nav.desk', roles: EVERYONE } },
	{ path: '/clues', name: 'clues', component: () => import('@/features/clue/ClueList.vue'), meta: { title: 'nav.clues', roles: [...BODY, 'township'] } },
	{ path: '/clues/:id', name: 'clue', props: true, component: () => import('@/features/clue/CluePage.vue'), meta: { title: 'nav.clues', roles: [...BODY, 'township'] } },
	{ path: '/matters', name: 'matters', component: () => import('@/features/matter/MatterList.vue'), meta: { title: 'nav.matters', roles: OFFICE } },
	{ path: '/matters/:id', name: 'matter', props: true, component: () => import('@/features/matter/MatterPage.vue'), meta: { title: 'nav.matters', roles: OFFICE } },
	{ path: '/instruments', name: 'instruments', component: () => import('@/features/instrument/InstrumentList.vue'), meta: { title: 'nav.instruments', roles: OFFICE } },
	{ path: '/instruments/:id', name: 'instrument', props: true, component: () => import('@/features/instrument/InstrumentPage.vue'), meta: { title: 'nav.instruments', roles: OFFICE } },
	{ path: '/templates', name: 'templates', component: () => import('@/features/instrument/Templates.vue'), meta: { title: 'nav.templates', roles: BODY } },
	{ path: '/assigned', name: 'assignedList', component: () => import('@/features/assigned/AssignedList.vue'), meta: { title: 'nav.assigned', roles: ['liaison'] } },
	{ path: '/assigned/:id', name: 'assigned', props: true, component: () => import('@/features/assigned/AssignedPage.vue'), meta: { title: 'nav.assigned', roles: ['liaison'] } },
	{ path: '/data', name: 'data', component: () => import('@/features/record/DataHome.vue'), meta: { title: 'nav.allData', roles: [...BODY, 'liaison', 'township'] } },
	{ path: '/records/:type', name: 'records', props: true, component: () => import('@/features/record/RecordList.vue'), meta: { title: 'nav.data', roles: [...BODY, 'liaison', 'township'] } },
	{ path: '/records/:type/:id', name: 'record', props: true, component: () => import('@/features/record/RecordPage.vue'), meta: { title: 'nav.data', roles: [...BODY, 'liaison', 'township'] } },
	{ path: '/parties/:id', name: 'party', props: true, component: () => import('@/features/party/PartyPage.vue'), meta: { title: 'nav.parties', roles: BODY } },
	{ path: '/catalog', redirect: '/catalog/enforcement_item' },
	{ path: '/catalog/:type', name: 'catalog', props: true, component: () => import('@/features/catalog/CatalogList.vue'), meta: { title: 'nav.catalog', roles: [...BODY, 'liaison', 'township'] } },
	{ path: '/catalog/:type/:id', name: 'catalogOne', props: true, component: () => import('@/features/catalog/CatalogPage.vue'), meta: { title: 'nav.catalog', roles: [...BODY, 'liaison', 'township'] } },
	{ path: '/findings', name: 'findings', component: () => import('@/features/finding/FindingList.vue'), meta: { title: 'nav.findings', roles: [...BODY, 'liaison'] } },
	{ path: '/findings/:id', name: 'finding', props: true, component: () => import('@/features/finding/FindingPage.vue'), meta: { title: 'nav.findings', roles: [...BODY, 'liaison'] } },
	{ path: '/contests', name: 'contests', component: () => import('@/features/finding/ContestList.vue'), meta: { title: 'nav.contests', roles: BODY } },
	{ path: '/rules', name: 'rules', component: () => import('@/features/rule/RuleList.vue'), meta: { title: 'nav.rules', roles: BODY } },
	{ path: '/rules/:id', name: 'rule', props: true, component: () => import('@/features/rule/RulePage.vue'), meta: { title: 'nav.rules', roles: BODY } },
	{ path: '/revisions', name: 'revisions', component: () => import('@/features/workbench/RevisionList.vue'), meta: { title: 'workbench.revisions', roles: BODY } },
	{ path: '/workbench/:id?', name: 'workbench', props: true, component: () => import('@/features/workbench/WorkbenchPage.vue'), meta: { title: 'workbench.title', roles: BODY } },
	{ path: '/imports', name: 'imports', component: () => import('@/features/import/ImportList.vue'), meta: { title: 'nav.imports', roles: [...BODY, 'township'] } },
	{ path: '/imports/:id', name: 'import', props: true, component: () => import('@/features/import/ImportPage.vue'), meta: { title: 'nav.imports', roles: [...BODY, 'township'] } },
	{ path: '/orgs', name: 'orgs', component: () => import('@/features/org/OrgTree.vue'), meta: { title: 'nav.orgs', roles: [...BODY, 'gov_approver', 'township', 'sysadmin', 'secadmin'] } },
	{ path: '/orgs/:id', name: 'org', props: true, component: () => import('@/features/org/OrgTree.vue'), meta: { title: 'nav.orgs', roles: [...BODY, 'gov_approver', 'township', 'sysadmin', 'secadmin'] } },
	{ path: '/stats', name: 'stats', component: () => import('@/features/stats/Stats.vue'), meta: { title: 'nav.stats', roles: BODY } },
	{ path: '/clock', name: 'clock', component: () => import('@/features/clock/ClockPage.vue'), meta: { title: 'nav.clock', roles: EVERYONE } },
	{ path: '/accounts', name: 'accounts', component: () => import('@/features/account/Accounts.vue'), meta: { title: 'nav.accounts', roles: ['sysadmin', 'secadmin'] } },
	{ path: '/audit', name: 'audit', component: () => import('@/features/audit/Audit.vue'), meta: { title: 'nav.audit', roles: ['auditor', 'secadmin'] } },
	{ path: '/me', name: 'me', component: () => import('@/features/auth/Me.vue'), meta: { title: 'nav.me', roles: EVERYONE } },
	{ path: '/:rest(.*)*', name: 'notFound', component: () => import('./NotFound.vue'), meta: { title: 'ui.notFound' } },
];

export const router = createRouter({
	history: createWebHistory('/office/'),
	routes,
	scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? undefined : { top: 0 }),
});

router.beforeEach((to) => {
	const roles = to.meta.roles;
	if (!account.value) return to.name === 'signIn' ? true : { name: 'signIn', query: to.fullPath === '/desk' ? {} : { to: to.fullPath } };
	if (to.name === 'signIn') return { name: 'desk' };
	if (session.value?.must_change_password && to.name !== 'me') return { name: 'me' };
	if (roles && !has(...roles)) return { name: 'notFound', params: { rest: to.path.slice(1).split('/') }, query: { why: 'role' } };
	return true;
});

router.afterEach((to) => {
	const key = to.meta.title;
	document.title = `${key ? `${i18n.global.t(key)} · ` : ''}${i18n.global.t('product.name')}`;
});
