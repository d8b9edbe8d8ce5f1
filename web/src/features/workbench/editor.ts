// The editor of a rule file: CodeMirror inside a shadow root, where its style sheets are constructed and the content security policy
// (style-src 'self') holds without exception. docs/adr/0010-codemirror.md
import { autocompletion, closeBrackets, completionKeymap, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, defaultHighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import type { Vocabulary, WorkbenchProblem } from './workbench';

/** Keys of a rule file, for completion at the start of a line. */
const KEYS = ['id', 'code', 'title', 'title_en', 'version', 'status', 'in_force', 'judged_by', 'basis', 'on', 'when', 'group', 'members', 'having', 'within', 'act', 'new_law', 'params', 'unless', 'severity', 'problem', 'instrument', 'message', 'false_positives', 'note', 'tests'];
const WORDS = ['and', 'or', 'not', 'is null', 'is not null', 'between', 'in', 'like', 'case when', 'then', 'else', 'end', 'where', 'true', 'false'];

function columnsOf(v: Vocabulary, type: string | null, path: string[]): Completion[] {
	let t = v.types.find((x) => x.name === type) ?? null;
	if (!t) return [];
	let scope: { columns: Vocabulary['types'][number]['columns']; references: Vocabulary['types'][number]['references']; children?: Vocabulary['types'][number]['children'] } = t;
	for (const step of path) {
		const child = scope.children?.find((c) => c.name === step);
		const reference = scope.references.find((r) => r.name === step);
		if (child) scope = child;
		else if (reference && (t = v.types.find((x) => x.name === reference.type) ?? null)) scope = t;
		else return [];
	}
	return [
		...scope.columns.map((c) => ({ label: c.name, detail: c.label, type: 'property', info: c.codes.length ? c.codes.map((k) => `${k.code} ${k.title}`).join('\n') : undefined })),
		...scope.references.map((r) => ({ label: r.name, detail: r.label, type: 'class' })),
		...(scope.children ?? []).map((c) => ({ label: c.name, detail: c.label, type: 'enum' })),
	];
}

/** The record type that the text judges. */
export function typeIn(text: string): string | null {
	return /^on:\s*([a-z_]+)/m.exec(text)?.[1] ?? null;
}

function complete(vocabulary: () => Vocabulary | null) {
	return (context: CompletionContext): CompletionResult | null => {
		const v = vocabulary();
		const line = context.state.doc.lineAt(context.pos);
		const before = line.text.slice(0, context.pos - line.from);
		const type = typeIn(context.state.doc.toString());
		if (!v) return null;
		if (/^[a-z_]*$/.test(before)) return { from: line.from, options: KEYS.map((k) => ({ label: k, apply: `${k}: `, type: 'keyword' })) };
		if (/^on:\s*[a-z_]*$/.test(before)) return { from: line.from + before.search(/[a-z_]*$/), options: v.types.map((t) => ({ label: t.name, detail: t.label, type: 'class' })) };
		const quoted = /([a-z_]+)\s*(?:=|<>|in\s*\([^)]*)\s*'([a-z_]*)$/.exec(before);
		if (quoted) {
			const codes = v.types.flatMap((t) => [t.columns, ...t.children.map((c) => c.columns)].flat()).find((c) => c.name === quoted[1] && c.codes.length)?.codes ?? [];
			return { from: context.pos - quoted[2]!.length, options: codes.map((c) => ({ label: c.code, detail: c.title, type: 'constant' })) };
		}
		const word = /([a-z_][a-z_0-9]*\.)*[a-z_0-9]*$/.exec(before)?.[0] ?? '';
		if (!word && !context.explicit) return null;
		const path = word.split('.');
		const last = path.pop() ?? '';
		const options = columnsOf(v, type, path);
		if (!path.length) options.push(...v.functions.map((f) => ({ label: f.name, detail: f.usage, type: 'function', apply: `${f.name}(` })), ...WORDS.map((w) => ({ label: w, type: 'keyword' })));
		return { from: context.pos - last.length, options, validFor: /^[a-z_0-9]*$/ };
	};
}

const theme = EditorView.theme({
	'&': { fontSize: '13px', height: '100%', backgroundColor: '#fff' },
	'.cm-scroller': { fontFamily: 'ui-monospace, "SFMono-Regular", Consolas, "Noto Sans Mono CJK SC", monospace', lineHeight: '1.6' },
	'.cm-gutters': { backgroundColor: '#f4f6f8', color: '#55606d', border: '0', borderRight: '1px solid #dde3ea' },
	'&.cm-focused': { outline: '2px solid #0b4ea2', outlineOffset: '-2px' },
	'.cm-tooltip': { fontSize: '13px', fontFamily: '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif' },
	'.cm-completionDetail': { color: '#55606d', fontStyle: 'normal', marginLeft: '1em' },
});

export interface RuleEditor { text(): string; set(text: string): void; tell(problems: WorkbenchProblem[]): void; goTo(line: number, column: number): void; close(): void }

export function openEditor(host: HTMLElement, options: { text: string; base?: string; readOnly: boolean; label: string; vocabulary: () => Vocabulary | null; onChange: (text: string) => void }): RuleEditor {
	const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
	const extensions: Extension[] = [
		lineNumbers(), history(), drawSelection(), highlightActiveLine(), bracketMatching(), closeBrackets(), indentUnit.of('  '), yaml(), syntaxHighlighting(defaultHighlightStyle), lintGutter(), theme, EditorView.lineWrapping,
		autocompletion({ override: [complete(options.vocabulary)], icons: false }),
		keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
		// Chromium edits a selection of coloured words by writing style attributes, which the policy refuses: such typing is ours.
		EditorView.domEventHandlers({
			beforeinput(event, view) {
				if (event.inputType !== 'insertText' || !event.data || view.composing || view.state.selection.main.empty) return false;
				event.preventDefault();
				view.dispatch(view.state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
				return true;
			},
		}),
		EditorView.contentAttributes.of({ 'aria-label': options.label }),
		EditorState.readOnly.of(options.readOnly), EditorView.editable.of(!options.readOnly),
		EditorView.updateListener.of((u) => { if (u.docChanged) options.onChange(u.state.doc.toString()); }),
	];
	if (options.base !== undefined) extensions.push(unifiedMergeView({ original: options.base, mergeControls: false, collapseUnchanged: options.readOnly ? { margin: 3, minSize: 8 } : undefined }));
	const view = new EditorView({ root, parent: root, state: EditorState.create({ doc: options.text, extensions }) });
	const place = (line: number, column: number) => {
		const at = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
		return { at, pos: Math.min(at.from + Math.max(column - 1, 0), at.to) };
	};
	return {
		text: () => view.state.doc.toString(),
		set: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
		tell: (problems) => {
			const marks: Diagnostic[] = problems.filter((p) => p.line > 0).map((p) => {
				const { at, pos } = place(p.line, p.column);
				const word = /^[A-Za-z_0-9.]+/.exec(at.text.slice(pos - at.from))?.[0].length ?? 0;
				return { from: pos, to: word ? pos + word : at.to, severity: p.fatal ? 'error' : 'warning', message: p.text };
			});
			view.dispatch(setDiagnostics(view.state, marks));
		},
		goTo: (line, column) => {
			const { pos } = place(line, column);
			view.dispatch({ selection: { anchor: pos }, effects: EditorView.scrollIntoView(pos, { y: 'center' }) });
			view.focus();
		},
		close: () => view.destroy(),
	};
}
