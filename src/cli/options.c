/* Options: one table for all commands, so that --data means the same everywhere. */
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

static const struct option_row rows[] = {
	{ "data", "DIR", "数据目录，缺省 ./data / data folder" },
	{ "database", "URL", "postgres://… 代替内嵌数据库 / PostgreSQL instead of the embedded store" },
	{ "profile", "DIR", "本地配置，覆盖内置文件 / local data files over the built-in ones" },
	{ "rules", "DIR", "以此目录的规则代替内置规则 / rules instead of the built-in set" },
	{ "dictionary", "DIR", "以此目录的数据字典代替内置字典 / dictionary instead of the built-in one" },
	{ "mapping", "NAME|FILE", "字段映射的名称或文件 / mapping by name or file" },
	{ "as", "TYPE", "记录类型 / record type" },
	{ "as-of", "DATE", "登记簿以该日的状况为准 / read the registers as they were on that day" },
	{ "today", "DATE", "以此日期为今天 / what today means" },
	{ "format", "FORMAT", "输出格式 / output format" },
	{ "json", NULL, "输出一个 JSON 文档 / one JSON document on standard output" },
	{ "out", "FILE", "写入文件 / output file" },
	{ "listen", "HOST:PORT", "监听地址，缺省 127.0.0.1:8080 / address to serve on" },
	{ "threads", "N", "请求线程数，缺省 4 / request threads" },
	{ "node", "N", "节点号 0–63，多进程共用一个数据库时各不相同 / node number of this process" },
	{ "admin", "NAME", "第一个账号的名称，缺省 admin / name of the first account" },
	{ "size", "SIZE", "county|city|province|N / size of the demo" },
	{ "seed", "N", "随机种子，缺省 1 / seed" },
	{ "cross-fire", NULL, "统计规则命中别的规则的例子的次数 / how often rules hit the examples of others" },
	{ "dry-run", NULL, "只运行，不写入 / run without writing" },
	{ "law", "NAME", "法律名称或期限编号 / law or period" },
	{ "pause", "A..B", "中止期间，可多次 / pause, may repeat" },
	{ "extend", "N", "延长，可多次 / extension, may repeat" },
	{ "no-rollover", NULL, "末日不顺延 / do not roll over rest days" },
	{ "public-url", "URL", "印在文书二维码里的公众门户地址，如 https://jd.example.gov.cn / address of the portal in QR codes" },
	{ "public-check", NULL, "开放公众文书核验 / let the public check documents" },
	{ "engine", "NAME", "vector 在内存中求值（缺省），sql 在数据库中求值 / where rules are evaluated" },
	{ "workers", "N", "求值线程数 / evaluation threads" },
	{ "limit", "N", "最多输出多少条 / how many to print" },
};

static const struct option_row *find(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strlen(rows[i].name) == len && memcmp(rows[i].name, name, len) == 0)
			return &rows[i];
	return NULL;
}

static bool is_allowed(const char *allowed, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = allowed; (at = strstr(at, name)); at += len)
		if ((at == allowed || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

enum err_code arguments_parse(int argc, const char *const *argv, const char *allowed, struct arguments *ret, struct err *err)
{
	*ret = (struct arguments){ 0 };
	for (int i = 0; i < argc; i++) {
		const char *text = argv[i], *equals;
		const struct option_row *row;

		if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0) {
			ret->help = true;
			continue;
		}
		if (strncmp(text, "--", 2) != 0) {
			if (ret->positional_count >= ARGUMENTS_MAX)
				return err_set(err, ERR_INPUT, "参数超过 %d 个", ARGUMENTS_MAX);
			ret->positional[ret->positional_count++] = text;
			continue;
		}
		equals = strchr(text, '=');
		row = find(text + 2, equals ? (size_t)(equals - text - 2) : strlen(text + 2));
		if (!row || !is_allowed(allowed, row->name))
			return err_set(err, ERR_INPUT, "不认识的选项 %s；可用：%s", text, allowed);
		if (!row->value && equals)
			return err_set(err, ERR_INPUT, "--%s 不带值", row->name);
		if (row->value && !equals && i + 1 >= argc)
			return err_set(err, ERR_INPUT, "--%s 需要一个值：%s", row->name, row->value);
		if (ret->set_count >= OPTIONS_SET_MAX)
			return err_set(err, ERR_INPUT, "选项超过 %d 个", OPTIONS_SET_MAX);
		ret->set[ret->set_count].name = row->name;
		ret->set[ret->set_count++].value = !row->value ? "" : equals ? equals + 1 : argv[++i];
	}
	return ERR_OK;
}

const char *argument_nth(const struct arguments *args, const char *name, int n)
{
	for (int i = 0; i < args->set_count; i++)
		if (strcmp(args->set[i].name, name) == 0 && n-- == 0)
			return args->set[i].value;
	return NULL;
}

const char *argument(const struct arguments *args, const char *name)
{
	return argument_nth(args, name, 0);
}

void options_print(const char *allowed)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (is_allowed(allowed, rows[i].name))
			printf("  --%s%s%s\n      %s\n", rows[i].name, rows[i].value ? " " : "", rows[i].value ? rows[i].value : "",
				rows[i].help);
}
