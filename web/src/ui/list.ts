// What a list is told about its columns and filters.
export interface ListColumn<R> {
	key: string;
	label: string;
	kind?: 'text' | 'money' | 'count' | 'date' | 'datetime';
	get?: (row: R) => unknown;
	title?: boolean; // carries the link to the row's page
	order?: string; // name of the order that the server knows
	hide?: boolean; // not shown until chosen
	nowrap?: boolean;
	wide?: boolean; // running text: never squeezed into a narrow column
	clamp?: boolean; // one line, the rest cut
}
export interface ListFilter {
	key: string;
	label: string;
	kind: 'text' | 'select' | 'range' | 'org' | 'flag' | 'amount';
	options?: { value: string; label: string }[];
	main?: boolean; // always visible; the others stand behind 更多
}
