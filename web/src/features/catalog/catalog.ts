// What the catalogue's pages share.
import type { CatalogVersion } from '@/api/types';

export const REGISTERS = ['enforcement_item', 'discretion_tier', 'lenient_list'];

/** "2025-07-01 起", "2020-01-01 至 2025-06-30", 当日未施行, or that the source gives no versions. */
export function standing(v: CatalogVersion, t: (key: string, named?: Record<string, unknown>) => string): string {
	if (!v.has_history) return t('catalog.noHistory');
	if (!v.in_force) return t('catalog.notInForce');
	if (v.from_on && v.to_on) return t('catalog.between', { from: v.from_on, to: v.to_on });
	return v.from_on ? t('catalog.since', { from: v.from_on }) : v.to_on ? t('catalog.until', { to: v.to_on }) : t('catalog.inForce');
}
