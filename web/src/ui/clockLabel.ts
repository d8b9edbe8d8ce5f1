// What a matter's periods are called in English: processes/matter.yaml has Chinese names only. A name that a bureau made stays as it is.
const WORDS: Record<string, string> = {
	线索分析: 'Clue analysis',
	问题核实: 'Verification',
	说明情况: 'Explanation',
	报送履职情况: 'Report on performance',
	报送纠正情况: 'Report on correction',
	报告执行情况: 'Report on execution',
	核验整改: 'Check of the rectification',
	答复异议: 'Answer to the objection',
	告知上一级主管部门: 'Notice to the superior',
	'线索研判（系统默认）': 'Triage of the clue',
};

export function clockLabel(label: string, locale: string): string {
	return (locale === 'en' && WORDS[label]) || label;
}
