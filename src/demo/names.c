/* Invented names and well-formed numbers. The place syllables were chosen so that no combination is a division of the country; people get
 * common surnames and common given names, which belong to nobody in particular. */
#include "demo/demo_private.h"
#include "demo/desk.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct rng rng_open(uint64_t seed, enum stream stream, uint64_t index)
{
	struct rng r = { .state = seed * 0x9E3779B97F4A7C15ull + (uint64_t)stream * 0xD1B54A32D192ED03ull + index * 0x8CB92BA72F3D8DD7ull };

	rng_next(&r);
	return r;
}

/** splitmix64 */
uint64_t rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9E3779B97F4A7C15ull;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
	return z ^ (z >> 31);
}

int64_t rng_in(struct rng *r, int64_t from, int64_t to)
{
	return to <= from ? from : from + (int64_t)(rng_next(r) % (uint64_t)(to - from + 1));
}

bool rng_chance(struct rng *r, int per_mille)
{
	return (int)(rng_next(r) % 1000) < per_mille;
}

static const char *const place_first[] = { "砚", "霁", "栖", "漪", "珩", "芷", "檀", "黛", "岫", "樾", "溦", "霭", "璟", "菀", "泠", "皓",
	"栎", "翊", "澹" };
static const char *const place_second[] = { "浦", "陵", "岑", "渚", "泉", "原", "皋", "屿", "汀", "阙", "陂", "麓" };
static const char *const town_first[] = { "荻", "蘅", "苕", "楸", "芡", "蓼", "莳", "葭", "荇", "菖", "蕙", "漪", "珩", "樾", "溦", "霭",
	"菀", "泠", "栎", "翊", "澹", "岫", "璟", "沅", "槿", "栖" };
static const char *const town_second[] = { "溪", "坞", "塘", "渡", "岗", "湾", "桥", "坪", "圩", "垭", "埠", "滩", "畈", "堰", "峪", "泊" };
static const char *const surnames[] = { "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
	"何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓", "许", "傅", "沈", "曾",
	"彭", "吕", "苏", "卢", "蒋", "蔡", "贾", "丁", "魏", "薛", "叶", "阎", "余", "潘", "杜", "戴", "夏", "钟", "汪", "田", "任", "姜",
	"范", "方", "石", "姚", "谭", "廖", "邹", "熊", "金", "陆" };
static const char *const given[] = { "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超",
	"兰", "霞", "平", "刚", "桂", "英", "华", "玉", "萍", "红", "建", "国", "文", "辉", "力", "志", "永", "健", "世", "广", "义", "兴",
	"良", "海", "山", "仁", "波", "宁", "贵", "福", "生", "龙", "元", "全", "胜", "学", "祥", "才", "发", "武", "新", "利", "清", "飞",
	"彬", "富", "顺", "信", "子", "昌", "成", "康", "星", "光", "天", "达", "安", "岩", "中", "茂", "进", "林", "有", "坚", "和", "彪",
	"博", "诚", "先", "敬", "震", "振", "壮", "会", "思", "群", "豪", "心", "邦" };
static const char *const brand_first[] = { "恒", "瑞", "鼎", "嘉", "祥", "隆", "泰", "盛", "宏", "德", "信", "汇", "源", "丰", "锦", "佳",
	"众", "联", "创", "康" };
static const char *const brand_second[] = { "岚", "禾", "拓", "衡", "煦", "澄", "峻", "屹", "霖", "曜", "舟", "桉", "穗", "钧", "榕", "璞",
	"棠", "岳", "渊", "翼", "铭", "朗", "颂", "序" };
static const struct {
	const char *industry, *company, *shop;
} trades[] = {
	{ "食品零售", "食品销售有限公司", "食品店" },
	{ "餐饮服务", "餐饮管理有限公司", "餐馆" },
	{ "药品零售", "大药房有限公司", "药店" },
	{ "建筑施工", "建筑工程有限公司", "建材经营部" },
	{ "道路运输", "运输有限公司", "货运服务部" },
	{ "机械制造", "机械制造有限公司", "五金加工店" },
	{ "化工生产", "新材料有限公司", "化工原料经营部" },
	{ "物业管理", "物业服务有限公司", "家政服务部" },
	{ "文化娱乐", "文化传媒有限公司", "网吧" },
	{ "农资经营", "农业科技有限公司", "农资经营部" },
	{ "医疗服务", "医疗管理有限公司", "诊所" },
	{ "住宿", "酒店管理有限公司", "旅馆" },
	{ "教育培训", "教育咨询有限公司", "培训中心" },
	{ "批发零售", "商贸有限公司", "百货店" },
	{ "信息技术", "信息科技有限公司", "电脑维修店" },
};
static const char *const roads[] = { "长虹路", "惠民路", "兴业街", "学府路", "滨河路", "望江路", "青禾街", "同心路", "朝晖路", "和顺街",
	"启明路", "晴川街" };

/** The index-th of a rows × columns table in an order that the seed decides; each pair once before any comes again. */
static struct str pair(const char *const *a, size_t rows, const char *const *b, size_t columns, uint64_t seed, int index, struct arena *mem)
{
	size_t total = rows * columns, step = 1 + (size_t)(seed % total), at;

	for (bool coprime = false; !coprime;) { /* Euclid: a step that visits every pair */
		size_t x = step, y = total;

		while (y) {
			size_t rest = x % y;

			x = y;
			y = rest;
		}
		coprime = x == 1;
		if (!coprime)
			step++;
	}
	at = (size_t)(seed / 7 % total + (uint64_t)index % total * (step % total)) % total;
	return str_printf(mem, "%s%s", a[at % rows], b[at / rows]);
}

struct str name_place(uint64_t seed, int index, struct arena *mem)
{
	return pair(
		place_first, COUNT(place_first), place_second, COUNT(place_second), rng_open(seed, STREAM_PLACE, 0).state >> 8, index, mem);
}

struct str name_township(uint64_t seed, int index, struct arena *mem)
{
	return pair(town_first, COUNT(town_first), town_second, COUNT(town_second), rng_open(seed, STREAM_PLACE, 1).state >> 8, index, mem);
}

#define PICK(r, table) (table)[rng_next(r) % COUNT(table)]

struct str name_person(struct rng *r, struct arena *mem)
{
	const char *surname = PICK(r, surnames), *one = PICK(r, given), *two = PICK(r, given);

	return rng_chance(r, 250) ? str_printf(mem, "%s%s", surname, one) : str_printf(mem, "%s%s%s", surname, one, two);
}

struct str name_company(struct rng *r, struct str place, bool sole_trader, struct str *ret_industry, struct arena *mem)
{
	size_t trade = rng_next(r) % COUNT(trades);
	const char *one = PICK(r, brand_first), *two = PICK(r, brand_second), *three = PICK(r, brand_second);

	*ret_industry = str_of(trades[trade].industry);
	if (sole_trader)
		return str_printf(mem, "%.*s%s%s%s", STR_ARG(place), one, two, trades[trade].shop);
	return str_printf(mem, "%.*s%s%s%s%s", STR_ARG(place), one, two, rng_chance(r, 400) ? three : "", trades[trade].company);
}

struct str name_road(struct rng *r, struct str place, struct arena *mem)
{
	return str_printf(mem, "%.*s%s%d号", STR_ARG(place), PICK(r, roads), (int)rng_in(r, 1, 398));
}

struct str make_phone(struct rng *r, struct arena *mem)
{
	return str_printf(mem, "100%08d", (int)rng_in(r, 0, 99999999));
}

/* ---- check characters ---- */

static const char credit_characters[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

char demo_credit_check(const char first17[static 17])
{
	static const int weights[17] = { 1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28 };
	int sum = 0;

	for (int i = 0; i < 17; i++) {
		const char *at = first17[i] ? strchr(credit_characters, first17[i]) : NULL;

		if (!at)
			return 0;
		sum += (int)(at - credit_characters) * weights[i];
	}
	return credit_characters[(31 - sum % 31) % 31];
}

char demo_organisation_check(const char first8[static 8])
{
	static const int weights[8] = { 3, 7, 9, 10, 5, 8, 4, 2 };
	int sum = 0;

	for (int i = 0; i < 8; i++) {
		if (first8[i] >= '0' && first8[i] <= '9')
			sum += (first8[i] - '0') * weights[i];
		else if (first8[i] >= 'A' && first8[i] <= 'Z')
			sum += (first8[i] - 'A' + 10) * weights[i];
		else
			return 0;
	}
	sum = 11 - sum % 11;
	return sum == 10 ? 'X' : sum == 11 ? '0' : (char)('0' + sum);
}

char demo_identity_check(const char first17[static 17])
{
	static const int weights[17] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	int sum = 0;

	for (int i = 0; i < 17; i++) {
		if (first17[i] < '0' || first17[i] > '9')
			return 0;
		sum += (first17[i] - '0') * weights[i];
	}
	return "10X98765432"[sum % 11];
}

struct str make_credit_code(char kind1, char kind2, struct str region6, uint64_t serial, struct arena *mem)
{
	char *code = ARENA_NEW(mem, char, 19);

	if (!code)
		return (struct str){ 0 };
	code[0] = kind1;
	code[1] = kind2;
	memcpy(code + 2, region6.ptr, 6);
	memcpy(code + 8, "MA", 2);
	for (int i = 15; i >= 10; i--) { /* six characters of the serial number */
		code[i] = credit_characters[serial % 31];
		serial /= 31;
	}
	code[16] = demo_organisation_check(code + 8);
	code[17] = demo_credit_check(code);
	return (struct str){ .ptr = code, .len = 18 };
}

struct str make_identity_number(struct str region6, int32_t birth, int serial, struct arena *mem)
{
	struct ymd d = day_to_ymd(birth);
	char *text = ARENA_NEW(mem, char, 24);

	if (!text)
		return (struct str){ 0 };
	snprintf(text, 24, "%.6s%04d%02d%02d%03d", region6.ptr, d.year % 10000, d.month % 100, d.day % 100, serial % 1000);
	text[17] = demo_identity_check(text);
	return (struct str){ .ptr = text, .len = 18 };
}

#define DESK_STREAM 1000 /* far from the accounts' people */

void desk_names(uint64_t seed, struct arena *mem, struct str *ret_person, struct str *ret_phone, struct str *ret_contact)
{
	struct rng rng = rng_open(seed, STREAM_PERSON, DESK_STREAM);

	*ret_person = name_person(&rng, mem);
	*ret_phone = make_phone(&rng, mem);
	*ret_contact = str_printf(mem, "监督科，%.*s", STR_ARG(make_phone(&rng, mem)));
}
